"""Every command that a document shows is run as it stands, against a simulator."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked
from tests.command import installed
from tests.simulated import simulator

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def commands(part: str) -> list[str]:
    return [line for block in SHELL_BLOCK.findall(part) for line in block.splitlines() if line.startswith("enforcer ")]


QUICKSTART = ROOT / "docs" / "quickstart.md"
REHEARSAL = ROOT / "docs" / "incident.md"
"""Both have tests of their own, since their commands build on each other from part to part."""
PARTS = {
    f"{document.name}: {part.splitlines()[0]}": part
    for document in DOCUMENTS
    if document not in {QUICKSTART, REHEARSAL}
    for part in re.split("^## ", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if commands(part)
}


@pytest.mark.long
@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_every_command_of_a_part_does_what_it_is_shown_for(part, tmp_path):
    policies_in(tmp_path)
    with simulator(tasks=40, drift=0.1) as cloud:
        environ = {
            **cloud.env,
            "HOME": str(tmp_path),
            "ENFORCER_STATE_DIR": str(tmp_path / "state"),
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        }
        run("enforcer apply policies/nightly.yaml --yes --only '*-wan-*'", environ)
        run_id = (tmp_path / "state" / "runs").iterdir().__next__().name
        if "inventory.json" in part:
            run("enforcer tasks -o inventory.json", environ)
        for command in commands(part):
            said = command.replace("RUN", run_id)
            if "history TASK" in said:
                said = said.replace("TASK", task_of(run_id, environ))
            if "OVERRIDE" in said:
                said = said.replace("OVERRIDE", override_in_force(environ))
            ended = run(said, environ)

            # 2: the example asks for it to say that there is drift.
            assert ended.returncode in {0, 2}, f"{command}\n{ended.stderr}"


def policies_in(folder: Path) -> None:
    """Copy the policies there. Nobody reads along, so waves need not be watched for long, and requests are quick."""
    nightly = shutil.copytree(ROOT / "policies", folder / "policies") / "nightly.yaml"
    text = nightly.read_text(encoding="utf-8")
    assert text.count("rate: 5/s") == 1
    nightly.write_text(text.replace("rate: 5/s", "rate: 50/s") + "rollout: {bake: 1s, poll: 1s}\n", encoding="utf-8")


def task_of(run_id: str, environ: dict[str, str]) -> str:
    report = json.loads(run(f"enforcer runs report {run_id} --format json", environ).stdout)
    task_id: str = report["targets"][0]["tasks"][0]["task_id"]
    return task_id


def override_in_force(environ: dict[str, str]) -> str:
    found: str = json.loads(run("enforcer override list --format json", environ).stdout)[0]["id"]
    return found


def run(command: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    words = list(shlex.shlex(command, posix=True, punctuation_chars=True))
    if any(set(word) <= set("();<>|&") for word in words):
        line = ["/bin/sh", "-c", command]
        return subprocess.run(
            line, cwd=environ["HOME"], env=environ, capture_output=True, text=True, timeout=120, check=False
        )
    line = [installed(), *shlex.split(command)[1:]]
    code, out, err = forked.run(line, env=environ, folder=Path(environ["HOME"]), timeout_s=120)
    return subprocess.CompletedProcess(line, code, out.decode(), err.decode())


@pytest.mark.long
def test_the_quickstart_runs_as_it_is_written(tmp_path):
    script = "set -e\n" + "".join(SHELL_BLOCK.findall(QUICKSTART.read_text(encoding="utf-8")))
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("wb") as results, err.open("wb") as log:
        process = subprocess.Popen(
            ["/bin/sh", "-c", script],
            cwd=tmp_path,
            env={"HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=results,
            stderr=log,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout=220)
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # the simulator, which would go on

    assert code == 0, err.read_text()
    said = out.read_text()
    assert said.count("Nothing to change.") == 2, "the first plan and the first apply"
    assert "10 to change: 10 to manual." in said
    assert "10 changed and read back.  0 failed." in said
    assert "Newly drifting: 10" in said
    assert "1 to change: 1 to manual." in said, "what the policy asks for after the undo"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_between_documents_leads_somewhere(document):
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_the_readme_shows_both_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "make demo" in text
    assert "make test" in text

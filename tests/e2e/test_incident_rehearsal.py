"""The rehearsal in docs/incident.md, run exactly as written, with what it promises checked after every part of it."""

import re
import sys
from pathlib import Path

import pytest

from tests.e2e.test_documents import policies_in, run
from tests.simulated import simulator

ROOT = Path(__file__).parents[2]
PART = re.compile(r"^## (.*)\n((?:(?!## ).*\n)*)", re.MULTILINE)
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


def parts():
    text = (ROOT / "docs" / "incident.md").read_text(encoding="utf-8")
    return {title: "".join(SHELL_BLOCK.findall(body)).splitlines() for title, body in PART.findall(text)}


@pytest.mark.long
def test_the_rehearsal_does_what_it_says(tmp_path):
    policies_in(tmp_path)
    with simulator(tasks=40, drift=0) as cloud:
        environ = cloud.env | {
            "HOME": str(tmp_path),
            "ENFORCER_STATE_DIR": str(tmp_path / "state"),
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        }

        def orders():
            return {task["resume_mode"] for task in cloud.tasks() if task["task_name"].startswith("pay-orders-")}

        def rehearse(part):
            said = []
            for command in parts()[part]:
                ended = run(command, environ)
                assert 0 == ended.returncode, f"{command}\n{ended.stdout}{ended.stderr}"
                said.append(ended.stdout)
            return said

        before = {task["task_id"]: task["resume_mode"] for task in cloud.tasks()}
        rehearse("Before")
        assert {"auto"} == orders()

        rehearse("Now")
        assert {"manual"} == orders()
        sent = len(cloud.puts())

        assert any("4 tasks set to manual" in said for said in rehearse("Meanwhile"))
        assert {"manual"} == orders()
        assert sent == len(cloud.puts())

        rehearse("Afterwards")
        assert before == {task["task_id"]: task["resume_mode"] for task in cloud.tasks()}

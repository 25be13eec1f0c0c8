"""The installed command for tests: ``enforcer`` as a process of its own, in an environment of its own.

    enforcer = Command(tmp_path)
    outcome = enforcer("plan", policy, env=cloud.env)
    assert outcome.code == 0, outcome

It never sees the environment of the test run: no credentials, no proxy, no home directory.
"""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from tests import forked

TIMEOUT_S = 60


def installed() -> str:
    """Return the path of the command that belongs to this Python."""
    beside = Path(sys.executable).parent / "enforcer"
    found = str(beside) if beside.exists() else shutil.which("enforcer")
    assert found, "the command `enforcer` is not installed: pip install -e ."
    return found


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a finished command left: its exit code and the bytes that it wrote."""

    code: int
    out_bytes: bytes
    err_bytes: bytes

    @property
    def out(self) -> str:
        return self.out_bytes.decode()

    @property
    def err(self) -> str:
        return self.err_bytes.decode()

    @property
    def log(self) -> list[dict[str, Any]]:
        """The JSON lines of stderr."""
        return [msgspec.json.decode(line) for line in self.err_bytes.splitlines() if line.startswith(b"{")]

    def json(self) -> Any:
        """Return stdout, which has to be one JSON document."""
        return msgspec.json.decode(self.out_bytes)

    def __str__(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


@dataclass(frozen=True)
class Command:
    """The command, with its home, its state directory and its working directory below *folder*."""

    folder: Path
    state: Path = field(init=False)
    home: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", self.folder / "state")
        object.__setattr__(self, "home", self.folder / "home")
        self.home.mkdir(exist_ok=True)

    def __call__(
        self, *arguments: object, env: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S
    ) -> Outcome:
        """Run it to its end, without a terminal."""
        whole = self.environment(env)
        if not _is_read_by_python(whole):
            line = self.line(*arguments)
            code, out, err = forked.run(line, env=whole, folder=self.folder, timeout_s=timeout_s)
            return Outcome(code=code, out_bytes=out, err_bytes=err)
        return self.installed(*arguments, env=env, timeout_s=timeout_s)

    def installed(
        self, *arguments: object, env: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S
    ) -> Outcome:
        """Do the same with the command as it is installed, whose start takes most of its time."""
        done = subprocess.run(
            self.line(*arguments),
            env=self.environment(env),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
        return Outcome(code=done.returncode, out_bytes=done.stdout, err_bytes=done.stderr)

    async def beside(self, *arguments: object, env: Mapping[str, str] | None = None) -> Outcome:
        """Run it to its end while the loop of the test goes on, in which there may be a server."""
        return await asyncio.to_thread(partial(self, *arguments, env=env))

    @contextlib.contextmanager
    def started(self, *arguments: object, env: Mapping[str, str] | None = None, **how: Any) -> Iterator[Any]:
        """Yield it while it runs; whatever is left of it at the end of the block is killed.

        *how* goes to subprocess.Popen; ``args`` in it is a whole line to run instead.
        """
        usual: dict[str, Any] = {"args": self.line(*arguments), "env": self.environment(env), "cwd": self.folder}
        whole = usual | {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
        with subprocess.Popen(**whole) as process:
            try:
                yield process
            finally:
                process.kill()

    def line(self, *arguments: object) -> list[str]:
        return [installed(), *map(str, arguments)]

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the whole environment that the command gets."""
        return {
            **forked.at_start(os.defpath),
            "HOME": str(self.home),
            "ENFORCER_STATE_DIR": str(self.state),
            # As it is without the extra `fast`, which the tests have installed.
            "ENFORCER_EVENT_LOOP": "asyncio",
            **(more or {}),
        }

    def policy(self, text: str, name: str = "nightly.yaml") -> Path:
        """Write a policy and return its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def report(self) -> dict[str, Any]:
        """Return the report.json that was written last."""
        written = max((self.state / "runs").glob("*/report.json"), key=lambda path: path.stat().st_mtime_ns)
        return msgspec.json.decode(written.read_bytes(), type=dict[str, Any])

    def journalled(self, run: str | None = None, env: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the report of a run, the only one by default, as the journal has it."""
        run = run or self.runs(env)[0]["run_id"]
        outcome = self("runs", "report", run, "--format", "json", env=env)
        assert outcome.code == 0, outcome
        return msgspec.convert(outcome.json(), dict[str, Any])

    def runs(self, env: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Return the rows of `enforcer runs list`, the newest first."""
        outcome = self("runs", "list", "--format", "json", env=env)
        assert outcome.code == 0, outcome
        return msgspec.convert(outcome.json(), list[dict[str, Any]])


def _is_read_by_python(env: Mapping[str, str]) -> bool:
    """Whether *env* has something that Python reads as it starts, other than what every command of the tests gets."""
    usual = forked.at_start(os.defpath)
    path = env.get("PYTHONPATH")
    if (
        path is not None and (Path(path) / "sitecustomize.py").exists()
    ):  # which a copy reads too; it has all else loaded
        usual["PYTHONPATH"] = path
    ours = {name: value for name, value in env.items() if name.startswith(("PYTHON", "LANG", "LC_", "TZ"))}
    return any(usual.get(name) != value for name, value in ours.items())


def finished(process: Any) -> Outcome:
    """Return what came of a started command, once it has ended by itself."""
    out, err = process.communicate(timeout=TIMEOUT_S)
    return Outcome(code=process.returncode, out_bytes=out or b"", err_bytes=err or b"")

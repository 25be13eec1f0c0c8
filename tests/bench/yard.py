"""Where the bench runs things: children that are timed from outside, and the server that they talk to.

Stays small on purpose: Linux counts the memory of the process that starts a child towards the child's peak.
"""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import fleet
from tests.command import installed


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A child that has ended well."""

    wall_s: float
    cpu_s: float
    """User and system."""
    peak_mb: float
    """The largest resident set, in MiB."""
    out: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A running server."""

    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def arrivals(self, method: str | None = None) -> list[float]:
        """Return when the requests came since the last reset, in seconds; with *method* only those."""
        came = json.loads(self._ask("/_bench/arrivals"))
        return [at for asked, at in came if method in {None, asked}]

    def reset(self) -> None:
        self._ask("/_bench/reset")

    def _ask(self, target: str) -> bytes:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", target)
            return connection.getresponse().read()


@contextlib.contextmanager
def server(*, tasks: int, auto_every: int = 1) -> Iterator[Stand]:
    """Serve *tasks* tasks, each *auto_every*-th in the mode auto, the others in manual."""
    command = [sys.executable, "-m", "tests.bench.server", str(tasks), str(auto_every)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Stand(port=int(process.stdout.readline()))
        finally:
            process.stdin.close()


@dataclass(frozen=True, slots=True)
class Yard:
    """
    Runs children with their state and home below *folder*, and nothing of the environment that the bench has.

    *folder* is on a real disk: a journal in memory would be synchronised for free.
    """

    folder: Path

    def enforcer(self, *arguments: object) -> Finished:
        """Run the installed command, its log written to a file as JSON lines at level info."""
        return self._run([installed(), *map(str, arguments)])

    def module(self, name: str, *arguments: object) -> Finished:
        """Run a module of the bench in a process of its own."""
        return self._run([sys.executable, "-m", f"tests.bench.{name}", *map(str, arguments)])

    def policy(self, name: str, text: str) -> Path:
        path = self.folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def _run(self, command: list[str]) -> Finished:
        out, log = self.folder / "stdout", self.folder / "stderr"
        with out.open("wb") as out_file, log.open("wb") as log_file:
            began = time.perf_counter()
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out_file, stderr=log_file, env=self._environment()
            )
            _, status, used = os.wait4(process.pid, 0)
            wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            end = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}; its last words:\n{end}")
        return Finished(
            wall_s=wall_s,
            cpu_s=used.ru_utime + used.ru_stime,
            peak_mb=used.ru_maxrss / 1024,
            out=out.read_text(encoding="utf-8"),
        )

    def _environment(self) -> dict[str, str]:
        # No PYTHONDONTWRITEBYTECODE: a user's second start is what counts, and that one has bytecode.
        return {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            # A state directory of its own for each run: one that is set back between runs would be contested.
            "ENFORCER_STATE_DIR": tempfile.mkdtemp(dir=self.folder, prefix="state-"),
            "HUAWEICLOUD_SDK_AK": "BENCHACCESSKEY",
            "HUAWEICLOUD_SDK_SK": "bench-secret-key",
            "HUAWEICLOUD_SDK_PROJECT_ID": fleet.PROJECT_ID,
        }


def totals(report: str) -> dict[str, Any]:
    """Return the totals of a JSON report."""
    return dict(json.loads(report)["totals"])

"""Where the bench runs things: children that are timed from outside, and the servers that they talk to.

A server has a core to itself, and what is measured has the others. Otherwise a server goes where the client is that
wakes it, and takes the core from it with each request, as none on another machine does.

Stays small on purpose: Linux counts the memory of the process that starts a child towards the child's peak.
"""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from tests.bench import fleet, nginx
from tests.command import installed

T = TypeVar("T")
_APART_S = 0.7
_LOOK_S = 0.05
_CORES = sorted(os.sched_getaffinity(0))
_SERVERS, _MEASURED = (_CORES[:1], _CORES[1:]) if len(_CORES) > 1 else (_CORES, _CORES)


@contextlib.contextmanager
def _on(cores: Sequence[int]) -> Iterator[None]:
    """Start on *cores* what this thread starts in the block."""
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, _CORES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A child that has ended well."""

    wall_s: float
    cpu_s: float
    """User and system."""
    peak_mb: float
    """The largest resident set, in MiB."""
    state: Path
    """Its state directory."""
    course: tuple[tuple[float, float], ...]
    """Unix time and the processor time that it had taken by then, some twenty times a second."""
    out: str

    def cpu_between(self, start: float, end: float) -> float:
        """Return the processor time that it took from *start* to *end*, both Unix time."""
        before = [cpu_s for at, cpu_s in self.course if at <= start]
        until = [cpu_s for at, cpu_s in self.course if at <= end]
        return max(until, default=0.0) - max(before, default=0.0)

    @property
    def said(self) -> dict[str, float]:
        """What a child of the bench measured itself, each by its name."""
        return dict(json.loads(self.out))

    @property
    def values(self) -> dict[str, list[float]]:
        """Likewise, of a child that measures several rounds by itself."""
        return dict(json.loads(self.out))


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request as the server saw it."""

    method: str
    at: float
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What requests are sent to."""

    endpoint: str
    puts: Callable[[], list[float]]
    """Returns when the PUTs came since the last reset, in seconds."""
    reset: Callable[[], None]
    """Makes the server forget what came and what it changed."""
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """The small server, running."""

    port: int

    @property
    def aim(self) -> Aim:
        return Aim(endpoint=self.endpoint, puts=self.puts, reset=self.reset)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def arrivals(self) -> list[Arrival]:
        """Return the requests that came since the last reset."""
        return [
            Arrival(method=method, at=at, status=status) for method, at, status in json.loads(self._ask("arrivals"))
        ]

    def puts(self) -> list[float]:
        """Return when the PUTs came since the last reset, in seconds."""
        return [arrival.at for arrival in self.arrivals() if arrival.method == "PUT"]

    def reset(self) -> None:
        self._ask("reset")

    def _ask(self, what: str) -> bytes:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", f"/_bench/{what}")
            return connection.getresponse().read()


@contextlib.contextmanager
def server(**terms: object) -> Iterator[Stand]:
    """Run the small server on *terms*, which are those of `tests.bench.server.Terms`."""
    command = [sys.executable, "-m", "tests.bench.server", json.dumps(terms)]
    with _on(_SERVERS):
        started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with started as process:
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

    *folder* is on a real disk: a journal in memory would be synchronised for free. Every measure has *rounds* values.
    """

    folder: Path
    rounds: int

    def enforcer(self, *arguments: object, event_loop: str = "asyncio") -> Finished:
        """Run the installed command, its log written to a file as JSON lines at level info."""
        return self._run([installed(), *map(str, arguments)], event_loop=event_loop)

    def module(self, name: str, *arguments: object) -> Finished:
        """Run a module of the bench in a process of its own."""
        return self._run([sys.executable, "-m", f"tests.bench.{name}", *map(str, arguments)])

    def program(self, *command: object) -> Finished:
        return self._run([*map(str, command)])

    def policy(self, name: str, text: str) -> Path:
        path = self.folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def in_turn(self, *ways: Callable[[], T], warm_up: bool = True) -> list[list[T]]:
        """Return what each of *ways* gave in each round; with *warm_up* after a round that does not count."""
        rounds = [[way() for way in ways] for _ in range(self.rounds + warm_up)]
        return [list(each) for each in zip(*rounds[warm_up:], strict=True)]

    def side_by_side(self, ways: Sequence[Callable[[], T]]) -> list[T]:
        """Return what each of *ways* gave, run at the same time; only for what waits most of its time."""
        with ThreadPoolExecutor(len(ways)) as pool:
            started = []
            for way in ways:
                started.append(pool.submit(way))
                time.sleep(_APART_S)  # a start takes a core, and would delay the others if all came at once
            return [each.result() for each in started]

    @contextlib.contextmanager
    def front(self, *, tasks: int) -> Iterator[tuple[Aim, Aim]]:
        """Run nginx before the small server; give it without TLS, and with it."""
        folder = Path(tempfile.mkdtemp(dir=self.folder, prefix="nginx-"))
        log = folder / "puts.log"
        with contextlib.ExitStack() as servers:
            stand = servers.enter_context(server(tasks=tasks, put_log=str(log)))
            with _on(_SERVERS):
                front = servers.enter_context(nginx.front(folder, log, behind=stand.port))

            def reset() -> None:
                front.reset()
                stand.reset()

            plain = Aim(endpoint=front.plain, puts=front.puts, reset=reset)
            yield plain, replace(plain, endpoint=front.tls, ca_file=front.ca_file)

    def _run(self, command: list[str], *, event_loop: str = "asyncio") -> Finished:
        own = Path(tempfile.mkdtemp(dir=self.folder, prefix="child-"))
        out, log = own / "stdout", own / "stderr"
        with out.open("wb") as out_file, log.open("wb") as log_file:
            began = time.perf_counter()
            with _on(_MEASURED):
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=out_file,
                    stderr=log_file,
                    env=self._environment(own) | {"ENFORCER_EVENT_LOOP": event_loop},
                )
            with _watching(process.pid) as course:
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
            state=own / "state",
            course=tuple(course),
            out=out.read_text(encoding="utf-8"),
        )

    def _environment(self, own: Path) -> dict[str, str]:
        # No PYTHONDONTWRITEBYTECODE: a user's second start is what counts, and that one has bytecode.
        return {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            # As it is without the extra `fast`, which the tests have installed.
            "ENFORCER_EVENT_LOOP": "asyncio",
            # A state directory of its own for each run: one that is set back between runs would be contested.
            "ENFORCER_STATE_DIR": str(own / "state"),
            "HUAWEICLOUD_SDK_AK": "BENCHACCESSKEY",
            "HUAWEICLOUD_SDK_SK": "bench-secret-key",
            "HUAWEICLOUD_SDK_PROJECT_ID": fleet.PROJECT_ID,
        }


@contextlib.contextmanager
def _watching(pid: int) -> Iterator[list[tuple[float, float]]]:
    """Give a list that grows by `Finished.course`, for as long as the block lasts or the process runs."""
    course: list[tuple[float, float]] = []
    over = threading.Event()
    ticks = os.sysconf("SC_CLK_TCK")

    def look() -> None:
        with contextlib.suppress(OSError, IndexError):
            while not over.wait(_LOOK_S):
                fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                course.append((time.time(), (int(fields[11]) + int(fields[12])) / ticks))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield course
    finally:
        over.set()
        thread.join()


def totals(report: str) -> dict[str, Any]:
    """Return the totals of a JSON report."""
    return dict(json.loads(report)["totals"])


def per_second(came: Sequence[float], expected: int) -> float:
    """Return the requests per second from the first of *came* to the last; *expected* is how many there have to be."""
    if len(came) != expected:
        raise RuntimeError(f"{len(came)} PUTs came instead of {expected}")
    return (len(came) - 1) / (came[-1] - came[0])

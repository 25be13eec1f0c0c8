"""Runs that have to keep every law: what the tests named after rows of the fault table are made of."""

import contextlib
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import trustme

from tests.faults.checker import check
from tests.faults.course import Course, run_against
from tests.faults.history import History
from tests.faults.rules import Rule, Scenario
from tests.faults.server import FaultServer, serving
from tests.faults.store import Store

UNDER_WAY_S = 0.1
"""How late a request may come that had set out before a gate closed."""


def proved(folder: Path, *rules: Rule, code: int | set[int] = 0, store: Store | None = None, **how: Any) -> History:
    """Run against *rules*; assert the exit code and every law; return the history. *how* goes to Course."""
    with a_server(*rules, store=store, tls=how.pop("tls", None), connections=how.pop("connections", None)) as server:
        return proved_against(server, folder, code=code, **how)


def proved_against(server: FaultServer, folder: Path, *, code: int | set[int] = 0, **how: Any) -> History:
    history = run_against(server, Course(folder=folder, **how))
    said = history.written["stderr"].decode()[-1500:]
    codes = {code} if isinstance(code, int) else code
    assert history.code in codes, f"exit {history.code}: {messages(history)} {said}"
    assert check(history) == []
    return history


@contextlib.contextmanager
def a_server(
    *rules: Rule, store: Store | None = None, tls: Any = None, connections: dict[int, str] | None = None
) -> Iterator[FaultServer]:
    scenario = Scenario(rules=rules, connections=connections or {})
    with serving(store or Store(6, hide_mode=1), scenario, tls=tls) as server:
        yield server


def server_tls(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Return what a server needs to show *certificate*."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def messages(history: History) -> str:
    return " | ".join(notice["message"] for notice in history.report["notices"])


def hints(history: History) -> str:
    return " | ".join(notice["hint"] or "" for notice in history.report["notices"])


def peak_memory(into: list[int]) -> Callable[[Any, FaultServer], None]:
    """Return what notes the most memory that the command held, in bytes, when it has ended."""

    def watch(process: Any, _server: FaultServer) -> None:
        most = 0
        while process.poll() is None:
            with contextlib.suppress(OSError):  # it has ended meanwhile
                status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
                most = max([most, *(int(line.split()[1]) * 1024 for line in status.splitlines() if "VmHWM" in line)])
            time.sleep(0.02)
        into.append(most)

    return watch


def until(condition: Any, patience_s: float = 30) -> None:
    """Wait until *condition* holds."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.005)


def quiet_spells(history: History) -> Iterator[tuple[float, list[Any]]]:
    """Yield every gate's true length in seconds and the requests that came while it was closed."""
    for entry in history.entries:
        if entry.event.kind == "throttle.gated":
            length = entry.event.wait_s / history.pace
            end = entry.at + length
            yield length, [r for r in history.records if entry.at + UNDER_WAY_S < r.wall < end - 0.01]

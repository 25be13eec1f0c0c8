"""Runs that have to keep every law: what the tests named after rows of the fault table are made of."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults.checker import check
from tests.faults.course import Course, run_against
from tests.faults.history import History
from tests.faults.rules import Rule, Scenario
from tests.faults.server import FaultServer, serving
from tests.faults.store import Store


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


def messages(history: History) -> str:
    return " | ".join(notice["message"] for notice in history.report["notices"])


def hints(history: History) -> str:
    return " | ".join(notice["hint"] or "" for notice in history.report["notices"])


def until(condition: Any, patience_s: float = 30) -> None:
    """Wait until *condition* holds."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.005)


def quiet_spells(history: History, pace: float) -> Iterator[tuple[float, list[Any]]]:
    """Yield every gate's true length in seconds and the requests that came while it was closed."""
    for entry in history.entries:
        if entry.event.kind == "throttle.gated":
            length = entry.event.wait_s / pace
            end = entry.at + length
            yield length, [r for r in history.records if entry.at + 0.01 < r.wall < end - 0.01]

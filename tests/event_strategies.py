"""Hypothesis strategies: any event whatever, from the types of its fields; and whole runs as the product makes them."""

import types
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from enforcer.core.fold.summary import fold
from enforcer.errors import ExitCode
from enforcer.model.event import EVENTS, ChangeRecalled, ChangeVerified, Entry, Event, RunStarted
from enforcer.model.report.task import State
from enforcer.model.task import ResumeMode
from tests import builders as b

_FLOATS = st.floats(allow_nan=False, allow_infinity=False)
_SIMPLE: dict[Any, st.SearchStrategy] = {
    # Two words that come back, so that events now and then speak of the same target and task.
    str: st.sampled_from(["eu", "list"]) | st.text(max_size=20),
    int: st.integers(min_value=-(2**63), max_value=2**63 - 1),
    bool: st.booleans(),
    float: _FLOATS,
    types.NoneType: st.none(),
}


def _of_type(hint: Any) -> st.SearchStrategy:
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if get_origin(hint) in {Union, types.UnionType}:
        return st.one_of(*map(_of_type, get_args(hint)))
    if get_origin(hint) is tuple:
        return st.lists(_of_type(get_args(hint)[0]), max_size=3).map(tuple)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    return any_of(hint)


def any_of(cls: type[Struct]) -> st.SearchStrategy:
    """Any value of the struct *cls*."""
    hints = get_type_hints(cls)
    return st.builds(cls, **{name: _of_type(hints[name]) for name in cls.__struct_fields__})


any_event: st.SearchStrategy[Event] = st.one_of([any_of(cls) for cls in EVENTS.values()])


@st.composite
def any_entries(draw: st.DrawFn, events: st.SearchStrategy[Event] = any_event) -> tuple[Entry, ...]:
    """A RunStarted and then anything, at any times."""
    first = draw(any_of(RunStarted))
    rest = draw(st.lists(events, max_size=12))
    times = st.floats(min_value=0, max_value=4e9)
    return tuple(Entry(seq=n, at=draw(times), event=event) for n, event in enumerate((first, *rest), start=1))


_RETRIED = st.sampled_from(["transient", "throttled", "lost", "not_sent"])


@st.composite
def _story(draw: st.DrawFn, target: str, task_id: str) -> list[Event]:
    """What becomes of one planned change, in its own order."""
    if draw(st.integers(0, 9)) == 0:
        return []
    told: list[Event] = []
    retries = draw(st.lists(_RETRIED, max_size=3))
    for attempt, failure in enumerate(retries, start=1):
        told += [
            b.a_change_attempted(task_id, attempt, target=target),
            b.an_attempt_failed(task_id, failure, attempt, target=target),
        ]
    told.append(b.a_change_attempted(task_id, len(retries) + 1, target=target))
    failed = b.a_change_failed(task_id, draw(st.sampled_from(["rejected", "throttled", "internal"])), target=target)
    gone, lost = b.a_change_gone(task_id, target=target), b.a_change_lost(task_id, target=target)
    ends = [
        [b.a_change_acked(task_id, len(retries) + 1, target=target), *read]
        for read in (
            [],
            [b.a_change_verified(task_id, target=target)],
            [replace(b.a_change_mismatched(task_id), target=target)],
            [gone],
        )
    ]
    not_applied = b.a_change_failed(task_id, "not_applied", target=target)
    ends += [[failed], [gone], [lost], [lost, b.a_change_verified(task_id, target=target)], [lost, not_applied], []]
    ends.append([b.a_change_withdrawn(task_id, len(retries) + 1, target=target)])
    end = draw(st.sampled_from(ends))
    back: list[list[Event]] = [[]]
    if end and end[0].kind in {"change.acked", "change.lost"}:
        recalled = ChangeRecalled(target=target, task_id=task_id, desired=ResumeMode.MANUAL, wave=1)
        again = b.a_change_attempted(task_id, target=target)
        withdrawn = b.a_change_withdrawn(task_id, target=target)
        acked = b.a_change_acked(task_id, target=target)
        verified = ChangeVerified(target=target, task_id=task_id, observed=ResumeMode.MANUAL)
        back += [[recalled], *([recalled, again, *then] for then in ([], [withdrawn], [failed], [acked, verified]))]
    return [*told, *end, *draw(st.sampled_from(back))]


@st.composite
def _target(draw: st.DrawFn, name: str) -> tuple[list[Event], list[list[Event]]]:
    """The reading and planning of one target, and the stories of its changes."""
    task_ids = [f"{name}-{number}" for number in range(draw(st.integers(0, 4)))]
    in_sync, left = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    if draw(st.integers(0, 5)) == 0:
        return [b.a_target_failed(target=name)], []
    stable = draw(st.booleans())
    planning: list[Event] = [
        b.an_inventory_listed(len(task_ids) + in_sync + left, target=name, pages=draw(st.integers(1, 3)), stable=stable)
    ]
    stories: list[list[Event]] = []
    for task_id in task_ids:
        planning.append(b.a_change_planned(task_id, target=name))
        if draw(st.integers(0, 5)) == 0:
            planning.append(b.a_change_skipped(task_id, target=name))
        else:
            stories.append(draw(_story(name, task_id)))
    if draw(st.integers(0, 5)) == 0:
        planning += [b.a_change_withheld("elsewhere", target=name), b.a_plan_contradicted(*task_ids, target=name)]
    planning.append(b.a_plan_built(len(task_ids), in_sync=in_sync, left=left, target=name))
    return planning, stories


@st.composite
def whole_runs(draw: st.DrawFn) -> tuple[Entry, ...]:
    """A run from its start to its finish: targets and changes side by side, each in its own order."""
    names = draw(st.sampled_from([("eu",), ("eu", "ap"), ()]))
    parts = [draw(_target(name)) for name in names]
    planning = draw(_interleaved([part[0] for part in parts]))
    middle: list[Event] = []
    if draw(st.integers(0, 4)) == 0:
        middle.append(b.a_plan_refused())
    else:
        middle += draw(_interleaved([story for part in parts for story in part[1]]))
    events = [b.a_run_started(*names, targets=tuple(map(b.a_target_ref, names))), *planning, *middle]
    if draw(st.integers(0, 4)) == 0:
        events.insert(draw(st.integers(1, len(events))), b.a_run_stopped())
    if names and draw(st.integers(0, 4)) == 0:
        events.insert(draw(st.integers(1, len(events))), b.a_run_recovered(target=names[0], earlier_run="before"))
    return b.entries(*events, b.a_run_finished(draw(st.sampled_from(ExitCode))), step=0.25)


@st.composite
def recovered_runs(draw: st.DrawFn) -> tuple[Entry, ...]:
    """A run that died at any point, and what a later one has added to its record."""
    whole = draw(whole_runs())
    dead = whole[: draw(st.integers(1, len(whole) - 1))]
    settled: list[Event] = [b.a_run_interrupted()]
    for target in fold(dead).targets:
        for task in target.tasks:
            if task.state in {State.UNKNOWN, State.ACKED}:
                settled += draw(_read_later(target.name, task.task_id))
    if draw(st.booleans()):
        settled.append(b.a_run_settled())
    return b.entries(*(entry.event for entry in dead), *settled, step=0.25)


def _read_later(target: str, task_id: str) -> st.SearchStrategy[list[Event]]:
    found: list[list[Event]] = [
        [],
        [b.a_change_verified(task_id, target=target)],
        [b.a_change_failed(task_id, "not_applied", target=target)],
        [replace(b.a_change_mismatched(task_id), target=target)],
        [b.a_change_gone(task_id, target=target)],
    ]
    return st.sampled_from(found)


@st.composite
def _interleaved(draw: st.DrawFn, sequences: list[list[Event]]) -> list[Event]:
    """One of the orders in which *sequences* may come when they run side by side."""
    waiting = [list(each) for each in sequences if each]
    merged: list[Event] = []
    while waiting:
        chosen = draw(st.integers(0, len(waiting) - 1))
        merged.append(waiting[chosen].pop(0))
        waiting = [each for each in waiting if each]
    return merged

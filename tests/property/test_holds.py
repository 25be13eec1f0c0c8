"""Whatever the flags: no PUT is ever sent for a task that something holds at that moment.

HOLDS says what may hold a task, each as a predicate of what is known when the PUT arrives; another hold is another
line.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from enforcer.core.admission.freeze import frozen
from enforcer.core.overrides.compiled import CompiledOverrides, objection
from enforcer.model.history import History
from enforcer.model.limits import Budget, Limits
from enforcer.model.override import Override
from enforcer.model.plan import Cause, Change, Latitude
from enforcer.model.policy import Freeze
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode, Task
from enforcer.run.enforce import Wish, enforce
from enforcer.run.settle import NO_PAST
from tests import virtual_time
from tests.fakes import FakeApi, Notebook, a_site
from tests.wishes import NOW, a_freeze, a_policy, a_rule, a_task, a_wish, an_override


@dataclass
class Put:
    """What a PUT was, when it arrived, and under which wish."""

    task: Task
    mode: ResumeMode
    at: datetime
    wish: Wish
    overrides: tuple[Override, ...]
    history: History


def _there(every: Iterable[Override], at: datetime) -> CompiledOverrides:
    """Return the overrides that somebody has added by then."""
    return CompiledOverrides([each for each in every if each.created <= at])


def _change(put: Put) -> Change:
    return Change(task=put.task, desired=put.mode, cause=Cause(name="whatever"))


HOLDS: dict[str, Callable[[Put], bool]] = {
    "freeze": lambda put: (
        put.wish.latitude.break_glass is None and frozen(put.wish.freeze, put.mode, put.at) is not None
    ),
    "contest": lambda put: (put.task.task_id, put.mode) in put.history.contested | put.history.fought,
    "override": lambda put: objection(_there(put.overrides, put.at), _change(put), put.at) is not None,
}

hours = st.integers(0, 23).map(lambda hour: f"{hour:02}:00")
windows: st.SearchStrategy[Freeze] = st.builds(
    a_freeze,
    days=st.lists(st.sampled_from(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]), min_size=1).map(" ".join),
    start=hours,
    end=hours,
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Shanghai"]),
    directions=st.frozensets(st.sampled_from(ResumeMode), min_size=1),
)
exceptions: st.SearchStrategy[Override] = st.builds(
    lambda name, mode, pattern, begins, lasts: an_override(
        name,
        mode,
        pattern,
        created=NOW + timedelta(minutes=begins),
        expires=NOW + timedelta(minutes=begins) + lasts,
    ),
    st.sampled_from(["INC-1", "INC-2", "INC-3"]),
    st.sampled_from(PolicyMode),
    st.sampled_from(["*", "t*", "m1", "name-of-t[12]"]),
    st.integers(-60, 8 * 24 * 60),
    st.sampled_from([timedelta(minutes=10), timedelta(hours=7), timedelta(days=9)]),
)
latitudes = st.builds(
    Latitude,
    allow_partial=st.booleans(),
    max_changes=st.none() | st.integers(0, 6),
    break_glass=st.none() | st.just("INC-4211"),
)
POLICY = a_policy(a_rule("m", "manual", task_id=("m*",)), default=PolicyMode.AUTO)


@dataclass
class Arriving(FakeApi):
    """An API whose PUTs take *pace* of wall-clock time each, and which remembers when each arrived."""

    pace: timedelta = timedelta()
    now: datetime = NOW
    arrived: list[tuple[str, ResumeMode, datetime]] = field(default_factory=list)

    async def set_mode(self, task_id, mode):
        self.arrived.append((task_id, mode, self.now))
        self.now += self.pace
        return await super().set_mode(task_id, mode)


@given(
    st.tuples(
        st.lists(windows, max_size=3),
        st.lists(exceptions, max_size=3, unique_by=lambda each: each.id).map(tuple),
        st.sampled_from(
            [
                History(),
                History(fought=frozenset([("t1", ResumeMode.AUTO), ("m1", ResumeMode.MANUAL)])),
                History(contested=frozenset([("t2", ResumeMode.AUTO), ("t3", ResumeMode.MANUAL)])),
            ]
        ),
    ),
    latitudes,
    st.none() | st.integers(0, 8),
    st.sampled_from([(), ("t1", "m1")]),
    st.tuples(
        st.integers(0, 7 * 24),
        st.sampled_from([timedelta(seconds=1), timedelta(minutes=25), timedelta(hours=5)]),
        st.integers(1, 3),
    ),
)
@settings(deadline=None)
def test_nothing_that_is_held_is_ever_sent(holding, latitude, most, only, course):
    freeze, exceptional, history = holding
    start, pace, concurrency = course
    tasks = [a_task(f"t{n}") for n in range(4)] + [a_task(f"m{n}", resume_mode=ResumeMode.AUTO) for n in range(3)]
    limits = Limits(to_auto=Budget(max=most), to_manual=Budget())
    # The planner may know none of them: another one, that of an undo for one, need not ask.
    wish = a_wish(POLICY, limits=limits, latitude=latitude, only=only, freeze=tuple(freeze))
    api = Arriving.of(tasks, pace=pace, now=NOW + timedelta(hours=start))
    notes = Notebook(now=lambda: api.now, overrides=lambda: _there(exceptional, api.now), history=lambda _: history)
    site = a_site(api, notes, concurrency=concurrency)
    known = dict(api.tasks)

    virtual_time.run(enforce([site], wish, notes.conduct, past=NO_PAST, confirm=always))

    for task_id, mode, at in api.arrived:
        put = Put(task=known[task_id], mode=mode, at=at, wish=wish, overrides=exceptional, history=history)
        assert [name for name, holds in HOLDS.items() if holds(put)] == []


async def always(_plans) -> bool:
    return True

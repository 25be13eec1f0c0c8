"""One holder at a time of each project, in whichever store; others may ask who it is, and ask it to stop."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from enforcer.errors import ExitCode
from enforcer.journal.stores import Store
from enforcer.model.lock import Holder, LockState, StopRequest
from enforcer.ports import Locks

EAST = ("https://dcs.east.example.com", "project-1")
WEST = ("https://dcs.west.example.com", "project-1")


@pytest.fixture
def store(store: Store) -> Store:
    """A store in which a run has begun to record, which comes before any lock."""
    store.for_run().close()
    return store


def a_holder(run_id: str = "run-1", since: float = 1000.0) -> Holder:
    return Holder(run_id=run_id, command="apply", user="kim", host="db1", pid=42, since=since)


@contextmanager
def holding(store: Store, *projects: tuple[str, str], holder: Holder | None = None) -> Iterator[Locks]:
    locks = store.locks(projects or (EAST,), holder or a_holder())
    assert locks.take() is None
    yield locks
    locks.release()


def tried(store: Store, *projects: tuple[str, str]) -> LockState | None:
    """Return what keeps another run from the locks of *projects*."""
    locks = store.locks(projects or (EAST,), a_holder("another"))
    try:
        return locks.take()
    finally:
        locks.release()


def is_free(store: Store, *projects: tuple[str, str]) -> bool:
    return tried(store, *projects) is None


def test_the_second_is_told_who_the_first_is(store):
    with holding(store):
        busy = tried(store)

        assert busy is not None
        assert (busy.endpoint, busy.project_id, busy.is_held) == (*EAST, True)
        assert busy.holder == a_holder()
    assert is_free(store)


@pytest.mark.parametrize(
    "other",
    [WEST, (EAST[0], "project-2"), ("https://dcs.east.example.com:8443", "project-1")],
    ids=["endpoint", "project", "port"],
)
def test_another_project_or_endpoint_is_another_lock(store, other):
    with holding(store):
        assert is_free(store, other)


@pytest.mark.parametrize(
    "spelling", ["https://DCS.East.example.com", "https://dcs.east.example.com/", "https://dcs.east.example.com:443"]
)
def test_one_endpoint_has_one_lock_however_it_is_written(store, spelling):
    with holding(store):
        assert not is_free(store, (spelling, EAST[1]))


def test_a_project_that_two_targets_share_is_taken_once(store):
    with holding(store, EAST, WEST, EAST):
        assert not is_free(store, WEST)


def test_every_run_takes_its_locks_in_the_same_order(store):
    """What the one has to wait for first, the other has not got either: neither holds what the other still needs."""
    with holding(store, EAST, WEST):
        assert tried(store, EAST, WEST) == tried(store, WEST, EAST)


def test_those_that_can_be_had_are_kept_until_the_rest_is_free(store):
    with holding(store, EAST, WEST):
        one_comes_first = tried(store, EAST, WEST).endpoint == EAST[0]
    first, second = (EAST, WEST) if one_comes_first else (WEST, EAST)
    with holding(store, second) as other:
        both = store.locks([first, second], a_holder("run-2"))

        assert (both.take().endpoint, both.take().endpoint) == (second[0], second[0])
        assert not is_free(store, first)
        other.release()
        assert both.take() is None
        both.release()


def test_a_lock_is_known_from_its_first_holder_on_held_or_not(store):
    assert store.lock_states() == ()
    with holding(store, WEST, holder=a_holder("run-0")):
        pass
    with holding(store):
        found = store.lock_states()

    assert [(state.endpoint, state.is_held, state.holder.run_id) for state in found] == [
        (EAST[0], True, "run-1"),
        (WEST[0], False, "run-0"),
    ]


def test_asking_who_holds_a_lock_keeps_nobody_out_afterwards(store):
    with holding(store):
        pass
    store.lock_states()

    assert is_free(store)


def a_request(at: float, by_run: str | None = None) -> StopRequest:
    return StopRequest(who="kim on db1", why="INC-7", at=at, by_run=by_run)


def test_a_holder_that_is_asked_to_stop_hears_who_asks_and_why(store):
    with holding(store) as locks:
        asked = store.request_stop(*EAST, a_request(at=1001.0))
        objection = locks.objection()

    assert asked.holder == a_holder()
    assert objection.exit_code == ExitCode.ABORTED
    assert objection.message == "kim on db1 asked for a stop: INC-7"


def test_nobody_is_asked_where_nobody_holds_the_lock(store):
    assert store.request_stop(*EAST, a_request(at=1001.0)) is None
    with holding(store):
        pass
    assert store.request_stop(*EAST, a_request(at=1001.0)) is None

    with holding(store) as locks:
        assert locks.objection() is None


def test_a_request_from_before_the_holder_set_out_is_not_for_it(store):
    with holding(store):
        store.request_stop(*EAST, a_request(at=1001.0))
    with holding(store, holder=a_holder("run-2", since=1002.0)) as locks:
        assert locks.objection() is None
        store.request_stop(*EAST, a_request(at=1003.0))
        assert locks.objection() is not None


def test_the_holder_of_several_locks_hears_a_request_at_any_of_them(store):
    with holding(store, EAST, WEST) as locks:
        store.request_stop(*WEST, a_request(at=1001.0))

        assert locks.objection() is not None


def test_a_run_does_not_heed_what_it_asked_of_the_holder_before_it(store):
    with holding(store):
        store.request_stop(*EAST, a_request(at=1003.0, by_run="run-2"))
    with holding(store, holder=a_holder("run-2", since=1002.0)) as locks:
        assert locks.objection() is None
    with holding(store, holder=a_holder("run-3", since=1002.0)) as locks:
        assert locks.objection() is not None

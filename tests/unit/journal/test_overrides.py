from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from enforcer.errors import JournalError, UsageError
from enforcer.journal import overrides
from enforcer.model.override import Added, Ended, Extended
from tests.wishes import NOW, an_override


def added(override_id, **fields):
    return Added(at=NOW, by="me", override=an_override(override_id, **fields))


def test_nothing_is_stored_and_nothing_is_made_where_there_is_no_journal(store):
    assert () == overrides.stored(store)
    with store.reading() as connection:
        assert connection is None


def test_what_was_recorded_reads_back_as_it_was(store):
    whole = added("a", ticket="CHG-1", targets=("eu",), patterns=("é*", "x"))
    later = NOW + timedelta(hours=9, microseconds=1)
    overrides.amend(store, lambda _: [whole, added("b")])
    overrides.amend(store, lambda _: [Extended(at=NOW, by="y", override_id="a", expires=later)])
    overrides.amend(store, lambda _: [Ended(at=NOW, by="z", override_id="b")])

    one, other = overrides.stored(store)

    assert ("a", ("é*", "x"), ("eu",), "CHG-1", later) == (one.id, one.patterns, one.targets, one.ticket, one.expires)
    assert (NOW, "z") == (other.ended_at, other.ended_by)


def test_steps_are_judged_by_what_is_there_and_a_refusal_records_nothing(store):
    overrides.amend(store, lambda _: [added("a")])
    seen = []

    def refuse(known):
        seen.extend(known)
        raise UsageError("no")

    with pytest.raises(UsageError):
        overrides.amend(store, refuse)

    assert ["a"] == [each.id for each in seen]
    assert ["a"] == [each.id for each in overrides.stored(store)]


def test_of_two_that_decide_at_once_the_second_sees_the_first(store):
    overrides.amend(store, lambda _: [])

    def add_if_alone(name):
        overrides.amend(store, lambda known: [] if known else [added(name)])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add_if_alone, "abcd"))

    assert 1 == len(overrides.stored(store))


def test_the_version_grows_with_every_step_and_with_nothing_else(store):
    assert 0 == overrides.version(store)
    overrides.amend(store, lambda _: [added("a")])
    assert 1 == overrides.version(store)
    overrides.amend(store, lambda _: [])
    assert 1 == overrides.version(store)
    overrides.amend(store, lambda _: [Ended(at=NOW, by="z", override_id="a")])
    assert 2 == overrides.version(store)


def test_steps_are_never_changed(store):
    overrides.amend(store, lambda _: [added("a")])

    with pytest.raises(JournalError, match="never changed"), store.writing() as connection:
        connection.execute("UPDATE override_step SET body = '{}'")


@pytest.mark.parametrize(("kind", "body"), [("shrunk", "{}"), ("added", "{}"), ("added", "no json")])
def test_a_step_that_cannot_be_read_is_an_error_not_an_override_less(kind, body, store):
    with store.writing() as connection:
        connection.execute(
            "INSERT INTO override_step (override_id, at, kind, body) VALUES ('a', 0.0, ?, ?)", (kind, body)
        )

    with pytest.raises(JournalError, match="step 1 of the overrides cannot be read"):
        overrides.stored(store)

from datetime import timedelta

import pytest
from msgspec.structs import replace

from enforcer.core.overrides.ledger import replay
from enforcer.core.overrides.merging import merge
from enforcer.errors import RefusedError
from enforcer.model.override import Added, Ended, Extended
from tests.wishes import NOW, an_override

HOUR = timedelta(hours=1)


def merged(theirs, *known):
    return merge(theirs, known, now=NOW, by="me on here", longest_s=72 * 3600)


def test_what_is_unknown_here_and_in_force_is_adopted_with_its_owner_and_its_beginning():
    theirs = an_override("o", owner="li.wei", created=NOW - 80 * HOUR)

    (step,) = merged([theirs])

    assert Added(at=NOW, by="me on here", override=theirs) == step


def test_what_is_over_and_unknown_here_is_left_out():
    assert () == merged([an_override("a", expires=NOW), an_override("b", ended_at=NOW - HOUR, ended_by="x")])


def test_an_end_and_a_later_expiry_are_news_an_earlier_one_is_not():
    ours = an_override("o")

    assert [Ended] == [type(step) for step in merged([replace(ours, ended_at=NOW, ended_by="x")], ours)]
    assert [Extended] == [type(step) for step in merged([replace(ours, expires=ours.expires + HOUR)], ours)]
    assert () == merged([replace(ours, expires=ours.expires - HOUR)], ours)


def test_a_second_import_changes_nothing():
    ours = an_override("o")
    theirs = [an_override("new"), replace(ours, expires=ours.expires + HOUR)]
    before = [Added(at=ours.created, by="x", override=ours)]

    steps = merged(theirs, ours)

    assert [Added, Extended] == [type(step) for step in steps]
    assert () == merged(theirs, *replay([*before, *steps]))


def test_an_end_here_is_not_undone():
    ended = an_override("o", ended_at=NOW - HOUR, ended_by="x")

    assert () == merged([replace(ended, ended_at=None, ended_by=None)], ended)


def test_another_override_of_the_same_id_is_refused():
    with pytest.raises(RefusedError, match="says something else"):
        merged([an_override("o", "leave")], an_override("o", "manual"))


def test_overrides_that_contradict_each_other_are_refused_whether_they_are_here_or_in_the_file():
    with pytest.raises(RefusedError):
        merged([an_override("new", "auto")], an_override("old", "manual"))
    with pytest.raises(RefusedError):
        merged([an_override("one", "auto"), an_override("two", "manual")])

"""Events as lines: found among others, read as they were written, and never half."""

import pytest
from hypothesis import given, settings

from enforcer.journal import lines
from enforcer.model.event import Entry
from tests import builders as b
from tests.event_strategies import any_entries

ENTRY = b.entries(b.a_run_started(), b.a_change_acked("ta sk"))[1]


@given(any_entries())
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_what_is_read(run: tuple[Entry, ...]):
    written = [lines.line("run-1", entry) for entry in run]

    assert [lines.parse(each) for each in written] == [("run-1", entry) for entry in run]
    assert not any("\n" in each or "\r" in each for each in written)


@pytest.mark.parametrize("before", ["", "2026-11-25T13:00:00Z stderr F ", "Nov 25 13:00:00 db1 enforcer[42]: "])
def test_it_is_found_whatever_stands_before_it(before):
    assert lines.parse(f"{before}{lines.line('run-1', ENTRY)}\r\n") == ("run-1", ENTRY)


@pytest.mark.parametrize("other", ["", "error: the journal is full", '{"timestamp":"2026","event":"change.acked"}'])
def test_other_lines_tell_of_nothing(other):
    assert lines.parse(other) is None


def test_every_line_that_is_cut_off_is_an_error():
    whole = lines.line("run-1", ENTRY)
    mark = whole.index(',"run_id"')
    for length in range(mark, len(whole)):
        with pytest.raises(ValueError, match="is damaged"):
            lines.parse(whole[:length])


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("change.acked", "change.dreamt", "'change.dreamt' is unknown here"),
        ('"attempt":1', '"attempt":"one"', "cannot be read"),
        ('"seq":2', '"seq":0', "1 or more"),
        ('"seq":2', '"seq":"2"', "is damaged"),
    ],
)
def test_a_line_that_says_what_cannot_be_is_an_error(old, new, reason):
    whole = lines.line("run-1", ENTRY)
    assert old in whole

    with pytest.raises(ValueError, match=reason):
        lines.parse(whole.replace(old, new))

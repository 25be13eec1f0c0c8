"""The checksum of an event's row: journals that are kept have to go on holding."""

import zlib
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from enforcer.errors import JournalError
from enforcer.journal import rows

_CLOCK = st.floats(min_value=1e9, max_value=5e9)
"""What a clock says from 2001 to 2128; below is all that JSON and Python write with the same digits and no exponent."""
_PLAIN = st.floats(min_value=1e-4, max_value=1e16, exclude_max=True)


@given(_CLOCK | _PLAIN, st.text(max_size=20))
@example(0.0, "{}")
@settings(max_examples=1_000, deadline=None)
def test_a_checksum_is_that_of_the_time_as_python_writes_it(at: float, body: str):
    assert rows._checksum("run-1", 2, at, "run.stopped", body) == zlib.crc32(
        f"run-1\n2\n{at!r}\nrun.stopped\n{body}".encode()
    )


def test_a_row_of_a_journal_that_is_kept_holds():
    at, body = 1764122400.1234567, '{"exit_code":4,"message":"x"}'

    assert rows.entry("20261123T021500Z-7f3a2d", (12, at, "run.stopped", body, 3_491_995_944)).at == at


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("value", [None, 1, 1.5, "x", b"\xff"], ids=repr)
def test_a_value_that_damage_has_made_another_type_of_is_told_as_damage(place: int, value: Any):
    row: list[Any] = [12, 1764122400.1234567, "run.stopped", '{"exit_code":4,"message":"x"}', 3_491_995_944]
    row[place] = value

    with pytest.raises(JournalError, match="is damaged"):
        rows.entry("20261123T021500Z-7f3a2d", tuple(row))

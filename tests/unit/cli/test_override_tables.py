from datetime import timedelta

from enforcer.cli.tables import override_tables
from tests.wishes import NOW, an_override


def made(minutes):
    return [an_override("o", created=NOW + timedelta(minutes=minutes), expires=NOW + timedelta(hours=9))]


def test_an_override_from_the_future_is_a_wrong_clock_beyond_five_minutes():
    assert None is override_tables.clock_note([], NOW)
    assert None is override_tables.clock_note(made(5), NOW)
    assert "6 min from now" in str(override_tables.clock_note(made(6), NOW))

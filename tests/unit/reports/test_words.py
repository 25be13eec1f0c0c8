import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcer.errors import ExitCode
from enforcer.model.report.run import Notice
from enforcer.reports import limits, words
from enforcer.reports.amounts import counted, duration
from enforcer.reports.kinds import is_quiet
from tests.sample_reports import SAMPLES, a_report, a_target, a_task


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3.0, "0 s"),
        (0.04, "0 s"),
        (0.8, "0.8 s"),
        (3.0, "3 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (12.4, "12 s"),
        (59.4, "59 s"),
        (59.96, "1 min"),
        (401.0, "6 min 41 s"),
        (3599.9, "1 h"),
        (7380.0, "2 h 3 min"),
        (360000.0, "100 h"),
    ],
)
def test_durations_are_for_people(seconds, said):
    assert duration(seconds) == said


@given(st.floats(0, 1e9))
def test_no_part_of_a_duration_reaches_its_next_unit(seconds):
    parts = duration(seconds).split()

    assert all(float(number) < 60 for number, unit in zip(parts[::2], parts[1::2], strict=True) if unit != "h")


@pytest.mark.parametrize(("number", "said"), [(0, "0 tasks"), (1, "1 task"), (1234, "1,234 tasks")])
def test_counts_agree_with_their_noun(number, said):
    assert counted(number, "task") == said


def test_only_a_run_without_anything_to_say_is_quiet():
    assert is_quiet(SAMPLES["nothing-to-change"])
    assert [name for name, report in SAMPLES.items() if is_quiet(report)] == ["nothing-to-change", "no-targets"]


def test_nothing_to_change_is_never_said_of_a_list_that_was_not_read():
    assert not any("Nothing to change" in sentence for sentence in words.outcome(SAMPLES["denied"]))


def test_a_notice_begins_with_the_name_of_its_exit_code_and_its_target():
    said = Notice(target="prod-eu", message="the list was cut", hint=None, exit_code=3)

    assert words.notice(said) == "partial: prod-eu: the list was cut."


def test_a_code_that_no_table_has_is_said_as_it_is():
    assert words.notice(Notice(target=None, message="odd!", hint=None, exit_code=99)) == "exit 99: odd!"


@pytest.mark.parametrize(
    ("code", "opening"),
    [
        ("PARTIAL", "Partly done after 6 min 41 s (exit 3, partial)."),
        ("ABORTED", "Stopped after 6 min 41 s (exit 5, aborted)."),
        ("SIGTERM", "Interrupted after 6 min 41 s (exit 143, interrupted)."),
        ("DENIED", "Ended after 6 min 41 s (exit 77, denied)."),
        ("OK", "Done in 6 min 41 s."),
    ],
)
def test_a_run_opens_with_how_it_ended(code, opening):
    assert words.outcome(a_report(a_target([a_task()]), code=ExitCode[code]))[0] == opening


def test_a_run_without_an_end_says_so_first():
    assert words.outcome(SAMPLES["unfinished"])[0].startswith("Unfinished after 3 s")


def test_the_pace_is_not_mentioned_when_it_held_nothing_up():
    assert limits.pace(SAMPLES["done"]) == ()


def test_reasons_for_leaving_alone_are_summed_over_targets():
    assert words.standing(SAMPLES["two-targets"])[1] == "12 left alone: 8 not eligible, 4 no rule."


@pytest.mark.parametrize(("region", "place"), [("eu-west-101", "prod (eu-west-101)"), ("prod", "prod"), (None, "prod")])
def test_a_region_is_named_where_it_says_more_than_the_target(region, place):
    report = a_report(a_target(name="prod", region=region))

    assert words.header(report, report.targets[0]) == f"nightly · {place} · 38 tasks, 34 eligible"

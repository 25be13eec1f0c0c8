"""The message to a chat: what it says, how it is cut, and that nothing from outside acts in it."""

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from enforcer.core.history.news import news
from enforcer.errors import ExitCode
from enforcer.model.report.task import State
from enforcer.reports.chat import ROOM, message
from tests.report_strategies import reports
from tests.sample_reports import HOSTILE, SAMPLES, a_report, a_target, a_task

GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def acting(body):
    """Return the kinds of markup in *body* that load, lead somewhere or are HTML."""
    parts = [part for token in GFM.parse(body) for part in (token, *(token.children or ()))]
    return {part.type for part in parts} & {"link_open", "image", "html_inline", "html_block", "table_open"}


def test_it_says_how_the_run_ended_and_what_is_new():
    before = a_report(a_target([a_task(1)]))
    after = a_report(a_target([a_task(2, state=State.FAILED, reason="HTTP 400")]), code=ExitCode.PARTIAL)

    said = message(after, news(before, after))

    assert said.title == "enforcer apply: nightly, partial"
    assert said.body.splitlines()[0].startswith("Partly done")
    assert "- It ended with ok before." in said.body
    assert "- Newly drifting: 1 (`pay-orders-2`)" in said.body
    assert "- Newly failing: 1 (`pay-orders-2`)" in said.body
    assert "- `pay-orders-2` to auto, failed: HTTP 400" in said.body
    assert f"- Report: `enforcer runs report {after.run_id}`" in said.body


def test_many_tasks_are_counted():
    report = a_report(a_target([a_task(number, state=State.FAILED, reason="no") for number in range(1, 41)]))
    body = message(report, news(a_report(a_target()), report)).body

    assert "- Newly drifting: 40 (`pay-orders-1`, `pay-orders-2`, `pay-orders-3`, `pay-orders-4`" in body
    assert ", `pay-orders-5` and 35 more)" in body
    assert "- … and 30 more tasks" in body


def test_what_does_not_fit_is_counted_with_the_command_that_shows_it():
    report = a_report(a_target([a_task(number, state=State.FAILED, reason="no") for number in range(1, 9)]))
    whole = message(report, news(None, report)).body
    cut = message(report, news(None, report), len(whole) - 1).body

    shown, _, rest = cut.rpartition("\n")
    assert whole.startswith(shown)
    missing = sum(bool(line) for line in whole.removeprefix(shown).splitlines())
    assert rest == f"… and {missing} more line{'s' if missing > 1 else ''}: `enforcer runs report {report.run_id}`"


def test_names_that_are_markup_links_and_mentions_are_none():
    nasty = f"{HOSTILE} @channel <!here> https://evil.example WWW.evil.example"
    report = a_report(a_target([a_task(1, task_name=nasty, state=State.FAILED, reason=nasty)]))
    said = message(report, news(None, report))

    assert acting(said.body) == set()
    for dangerous in ("@channel", "@all", "<", "://", "www.", "WWW.", "\x1b", "\u202e"):
        assert dangerous not in said.title + said.body


def test_a_command_with_the_mark_of_code_in_it_is_no_code_and_no_markup():
    report = a_report(a_target([a_task(1, state=State.FAILED)]), only=("`", "<script>alert(1)</script>"))
    said = message(report, news(None, report))

    assert acting(said.body) == set()
    assert "<" not in said.body


@given(reports(), st.integers(100, 5000))
def test_whatever_a_report_has_the_message_fits_and_does_nothing(report, room):
    said = message(report, news(None, report), room)

    assert 0 < len(said.body) <= min(room, ROOM)
    assert len(said.title) <= 140
    assert acting(said.body) == set()


def test_every_sample_has_a_message_that_ends_with_the_way_to_the_report():
    for sample in SAMPLES.values():
        report = sample if not callable(sample) else sample()
        said = message(replace(report), news(None, report))
        assert said.body.splitlines()[-1].startswith(("- Report: `", "… and "))

import re
from collections.abc import Iterable
from html import unescape

from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from enforcer.core.text.visible import visible
from enforcer.reports import render
from enforcer.reports.markdown import code, prose
from tests.report_strategies import reports, text
from tests.sample_reports import HOSTILE, SAMPLES, a_report, a_target, a_task

GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])
MARKUP = {"html_inline", "link_open", "image", "em_open", "strong_open", "s_open", "hardbreak", "fence", "hr"}
ANY_TEXT = text(surrogates=True)


def tokens_of(source: str) -> list[Token]:
    return [part for token in GFM.parse(source) for part in (token, *(token.children or ()))]


def shown_by(source: str) -> str:
    """Return the text that a reader sees, zero-width spaces dropped."""
    return shown_in(tokens_of(source))


def shown_in(tokens: Iterable[Token]) -> str:
    return "".join(part.content for part in tokens if part.type in {"text", "code_inline"}).replace("\u200b", "")


@given(ANY_TEXT)
def test_text_from_outside_is_shown_as_it_is(outside):
    cell = f"x {prose(outside)} y"

    assert shown_by(cell) == f"x {visible(outside, 1024)} y"
    assert not MARKUP & {token.type for token in tokens_of(cell)}


@given(ANY_TEXT.filter(str.strip))
def test_a_name_is_shown_as_it_is_in_a_table_cell(outside):
    table = f"| a | b |\n| --- | --- |\n| {code(outside)} | end |"

    # Not read once more by themselves: outside of a table, a text may be the beginning of a list.
    cells = [shown_in(token.children or ()) for token in GFM.parse(table) if token.type == "inline"]
    assert [cell.strip() for cell in cells[2:]] == [visible(outside).strip(), "end"]


def test_mentions_links_and_references_are_dead():
    assert prose("@all #1 https://a.example WWW.a.example") == (
        "@&#8203;all #&#8203;1 https:&#47;/a.example WWW&#46;a.example"
    )


@given(reports())
def test_a_report_has_no_markup_but_its_own(report):
    source = render(report, "markdown")
    types = [token.type for token in tokens_of(source)]

    assert not MARKUP & set(types)
    assert [token.content for token in GFM.parse(source) if token.type == "html_block"] == [
        "<details><summary>Run, requests and timing</summary>\n",
        "</details>\n",
    ]
    assert types.count("heading_open") == len(re.findall("^##", source, re.MULTILINE)) <= 6
    outside_spans = re.sub("`[^`\n]*`", "", source)
    assert "://" not in outside_spans
    assert re.findall("[@#](?!&#8203;|[#0-9 ])", outside_spans) == []


@given(reports())
def test_every_row_of_a_table_has_as_many_cells_as_its_head(report):
    for table in re.findall(r"(?:^\|.*\n)+", render(report, "markdown"), re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


@given(reports())
def test_every_planned_task_is_shown_or_counted(report):
    source = render(replace(report, waves=()), "markdown")

    tables = re.findall(r"^### .*\n\n((?:\|.*\n)+)", source, re.MULTILINE)
    shown = sum(table.count("\n") - 2 for table in tables)
    hidden = sum(int(number.replace(",", "")) for number in re.findall(r"^… and ([\d,]+) more", source, re.MULTILINE))
    assert shown + hidden == sum(len(target.tasks) + len(target.withheld) for target in report.targets)


def test_the_heading_names_the_outcome():
    headings = {name: render(report, "markdown").splitlines()[0] for name, report in SAMPLES.items()}

    assert headings["every-state"] == "## enforcer apply · nightly: partial"
    assert headings["unfinished"] == "## enforcer apply · nightly: unfinished"


def test_a_plan_has_a_table_of_what_is_to_change_and_none_of_states():
    source = render(SAMPLES["plan"], "markdown")

    assert "### To change\n\n| change | task | name | rule | where | reason |\n" in source
    assert "not attempted" not in source


def test_several_targets_are_told_apart():
    assert "| target | state | change |" in render(SAMPLES["two-targets"], "markdown")
    assert "| target | state |" not in render(SAMPLES["done"], "markdown")


def test_a_hostile_name_reads_as_it_is_written():
    source = render(a_report(a_target([a_task(task_name=HOSTILE)])), "markdown")

    (row,) = [line for line in source.splitlines() if line.startswith("| verified")]
    assert unescape(row.split(" | ")[3]).replace("\u200b", "") == visible(HOSTILE)

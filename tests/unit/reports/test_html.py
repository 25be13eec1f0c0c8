"""What can be said of the page without a browser: what it allows, what it escapes, what it shows without scripts."""

import json
import re
import sys
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from hypothesis import given, settings
from jinja2 import Environment
from msgspec.structs import replace

from enforcer.errors import ExitCode
from enforcer.model.report.run import Report
from enforcer.model.report.task import State
from enforcer.reports import html, render
from enforcer.reports.html import STATIC_ROWS
from tests.report_strategies import reports
from tests.sample_reports import HOSTILE, SAMPLES, a_report, a_target, a_task, unsent


@pytest.fixture
def page_anew(monkeypatch, tmp_path):
    """Give a function that makes the page as a new process would, with Python's cache below a folder of its own."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))

    def made() -> str:
        html._templates.cache_clear()
        return render(SAMPLES["done"], "html")

    yield made
    html._templates.cache_clear()


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.jinja")}


def test_a_template_is_compiled_once(page_anew, monkeypatch, tmp_path):
    Path(cache_from_source(html.__file__)).parent.mkdir(parents=True)
    first = page_anew()
    compiled = kept(tmp_path)
    monkeypatch.setattr(Environment, "compile", None)

    assert page_anew() == first
    assert compiled
    assert kept(tmp_path) == compiled


def test_what_is_kept_of_a_template_and_is_damaged_is_made_again(page_anew, monkeypatch, tmp_path):
    Path(cache_from_source(html.__file__)).parent.mkdir(parents=True)
    first = page_anew()
    for path in tmp_path.rglob("*.jinja"):
        path.write_bytes(path.read_bytes()[:-9])

    assert page_anew() == first
    monkeypatch.setattr(Environment, "compile", None)
    assert page_anew() == first


def test_where_nothing_can_be_kept_the_page_is_the_same(page_anew, monkeypatch, tmp_path):
    first = page_anew()
    assert not list(tmp_path.iterdir()), "there is no folder to keep it in"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    assert page_anew() == first


VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """The elements of a page, and the text of those that are read as they stand."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.raw: dict[str, list[str]] = {"style": [], "script": []}
        self.text: list[str] = []
        self.feed(render(report, "html"))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]].append(data)
        else:
            self.text.append(data)

    @property
    def policy(self) -> str:
        return next(
            str(attributes["content"])
            for tag, attributes in self.elements
            if attributes.get("http-equiv") == "Content-Security-Policy"
        )

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())

    @property
    def rows(self) -> list[str]:
        return [str(a["id"]) for tag, a in self.elements if tag == "tr" and str(a.get("id", "")).startswith("change-")]


def source(text):
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def inert(page: Page) -> None:
    """Assert that nothing in the page acts but its own style and script, and that nothing leads elsewhere."""
    assert [a for _, a in page.elements if any(name.startswith("on") or name == "style" for name in a)] == []
    links = [a.get("href") or a.get("src") for _, a in page.elements if "href" in a or "src" in a]
    assert [link for link in links if not str(link).startswith(("#", "data:image/svg+xml,"))] == []
    assert {tag for tag, _ in page.elements} & {"img", "iframe", "object", "embed", "base", "foreignobject"} == set()
    scripts = [a.get("type") for tag, a in page.elements if tag == "script"]
    assert scripts in ([], ["application/json", None])


@pytest.mark.parametrize("name", SAMPLES)
def test_the_policy_allows_the_page_s_own_style_and_script_and_nothing_else(name):
    page = Page(SAMPLES[name])
    allowed = dict(part.strip().split(" ", 1) for part in page.policy.split(";"))

    assert allowed["default-src"] == "'none'"
    assert allowed["style-src"] == source(page.raw["style"][0])
    assert [allowed["script-src"]] == [source(text) for text in page.raw["script"][1:]] or not page.raw["script"]
    assert allowed["base-uri"] == allowed["form-action"] == allowed["trusted-types"] == "'none'"


@given(reports())
@settings(max_examples=50)
def test_any_report_is_an_inert_page_whose_elements_are_closed(report):
    page = Page(report)

    assert page.open == []
    inert(page)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_sentences_of_the_other_reports_stand_in_it(name):
    page = Page(SAMPLES[name])
    text = render(SAMPLES[name], "text")

    counts = re.findall(r"[\d,]+ (?:failed|in sync|to change|left alone)", text)
    assert [count for count in counts if count not in page.words] == []


def test_a_script_element_in_a_name_stays_text_in_the_data_too():
    nasty = "</script><script>alert(1)</script><!--"
    page = Page(a_report(a_target([a_task(1, task_name=nasty)])))

    assert len(page.raw["script"]) == 2
    assert nasty in page.words
    assert nasty in json.dumps(json.loads(page.raw["script"][0]))


def test_hostile_text_is_shown_as_it_is():
    page = Page(SAMPLES["hostile"])

    assert r"\x1b]0;owned\x07 <img src=x>|`rm`|[a](https://evil.example)\n# @all \u202egnp\u200b *b*" in page.words
    assert HOSTILE not in page.words


def test_without_scripts_the_first_changes_stand_there_and_the_rest_is_counted():
    page = Page(a_report(a_target([a_task(number) for number in range(1, 1235)])))

    assert len(page.rows) == STATIC_ROWS
    assert f"The first {STATIC_ROWS} of 1,234 changes" in page.words
    assert len(json.loads(page.raw["script"][0])["changes"]) == 1234


def test_what_needs_a_person_is_named_once_for_all_changes_with_the_same_trouble():
    broken = [a_task(n, state=State.FAILED, reason="HTTP 503") for n in range(1, 9)]
    page = Page(a_report(a_target([*broken, a_task(9)]), code=ExitCode.PARTIAL))

    assert "failed 8 changes: HTTP 503" in page.words
    assert "and 3 more" in page.words
    assert [a["href"] for tag, a in page.elements if tag == "a"][1:] == [f"#change-{n}" for n in range(1, 6)]


def test_more_reasons_than_anyone_reads_are_counted():
    broken = [a_task(n, state=State.FAILED, reason=f"trouble {n}") for n in range(1, 51)]

    assert "and 10 more reasons" in Page(a_report(a_target(broken), code=ExitCode.PARTIAL)).words


def test_a_run_that_needs_nobody_says_so():
    assert "Needs a person Nothing." in Page(SAMPLES["done"]).words


def test_a_plan_has_nothing_of_attempts_and_says_what_comes_next():
    page = Page(SAMPLES["plan"])

    assert "planned" in page.words
    assert "not attempted" not in page.words
    assert "Attempts" not in page.words
    assert "Next To do it" in page.words
    assert "enforcer apply policies/nightly.yaml" in page.words


@pytest.mark.parametrize(
    ("report", "mood"),
    [
        (SAMPLES["done"], "good"),
        (SAMPLES["plan"], "plan"),
        (SAMPLES["nothing-to-change"], "good"),
        (SAMPLES["every-state"], "warn"),
        (SAMPLES["refused-apply"], "warn"),
        (SAMPLES["two-targets"], "bad"),
        (SAMPLES["denied"], "bad"),
        (SAMPLES["unfinished"], "open"),
    ],
)
def test_the_mood_is_that_of_the_exit_code(report, mood):
    assert [a["data-mood"] for _, a in Page(report).elements if "data-mood" in a] == [mood]


def test_a_report_without_changes_has_no_script():
    assert Page(SAMPLES["nothing-to-change"]).raw["script"] == []


def test_the_parts_of_a_total_fill_it():
    page = Page(SAMPLES["every-state"])
    drawn = [(str(a["x"]), str(a["width"])) for _, a in page.elements if str(a.get("x")).endswith("%")]
    parts = [(float(x.rstrip("%")), float(width.rstrip("%"))) for x, width in drawn]

    first, second = parts[:3], parts[3:]
    for bar in (first, second):
        assert bar[0][0] == 0
        assert sum(width for _, width in bar) == pytest.approx(100, abs=0.01)
        assert [x for x, _ in bar] == sorted(x for x, _ in bar)


def test_each_limit_of_a_budget_is_a_bar_and_says_if_it_is_passed():
    page = Page(SAMPLES["refused-apply"])
    bars = [a for tag, a in page.elements if tag == "rect" and a.get("class") in {"over", "within"}]

    assert [(a["class"], a["width"]) for a in bars] == [("over", "100.0%"), ("within", "70.0%"), ("over", "100.0%")]
    assert "14 of 10 max: over" in page.words


def test_a_refusal_stands_in_the_headline():
    assert "Refused: nothing was sent. 17 to change: 3 to manual, 14 to auto." in Page(SAMPLES["refused-apply"]).words


def test_targets_are_compared_where_there_are_several():
    assert "not listed" in Page(SAMPLES["two-targets"]).words
    assert "changed while it was read" in Page(SAMPLES["two-targets"]).words


def test_notices_are_all_told_or_counted():
    said = SAMPLES["denied"].notices[0]
    page = Page(replace(SAMPLES["denied"], notices=(said,) * 50))

    assert page.words.count("no credentials: looked for") == 40
    assert "and 10 more notices" in page.words


def test_rows_stand_worst_first_and_keep_their_number_in_the_plan():
    tasks = [a_task(1), unsent(2), a_task(3, state=State.FAILED), a_task(4, state=State.GONE)]

    assert Page(a_report(a_target(tasks))).rows == ["change-3", "change-4", "change-1", "change-2"]

"""Findings, explanations and impacts as text for people and programs; hostile names are inert in all of them."""

import json
import re
import xml.sax.saxutils
from pathlib import Path

import msgspec
import pytest

from enforcer.core.authoring.explain import explain
from enforcer.core.authoring.impact import impact
from enforcer.core.lint import lint
from enforcer.core.overrides.compiled import NO_OVERRIDES
from enforcer.model.finding import CODES, Finding
from enforcer.model.rule import Origin
from enforcer.reports import explanations, findings
from enforcer.reports import impact as impacts
from tests.wishes import NOW, a_policy, a_rule, a_task

HOSTILE = "\x1b]0;x\x07\u202e::error::|<script>\r\n%"
FINDING = Finding(
    code=CODES["E101"],
    origin=Origin(file="po,l:icy.yaml", line=7, column=5),
    message=f"rule {HOSTILE} never decides",
    hint="Delete it.",
    rule=HOSTILE,
)


def a_finding(code, line):
    return Finding(code=CODES[code], origin=Origin(file="p.yaml", line=line, column=5), message=f"of line {line}")


LINT = Path(__file__).parents[3] / "docs" / "lint.md"


@pytest.mark.parametrize("form", findings.FORMATS)
def test_every_format_shows_findings_without_letting_names_act(form):
    shown = findings.render([FINDING, FINDING], form)

    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "E101" in shown


def test_text_is_a_line_as_compilers_write_it_and_a_hint():
    assert findings.render([FINDING], "text").splitlines()[0].startswith("po,l:icy.yaml:7:5: error E101: rule ")
    assert findings.render([FINDING], "text").splitlines()[1] == "  Delete it."


def test_of_many_findings_of_a_kind_the_first_are_shown_and_the_others_counted():
    many = [a_finding("W204", line) for line in range(1, 1_323)]
    shown = findings.render([*many[:500], a_finding("E101", 501), *many[500:]], "text").splitlines()

    assert [line.split(":")[1] for line in shown[:-1]] == [*map(str, range(1, 11)), "501"]
    assert shown[-1] == "... and 1,312 more like this: warning W204, no reason; --format json lists all"


def test_as_many_as_are_shown_of_a_kind_leave_nothing_to_count():
    shown = findings.render([a_finding(code, line) for line in range(10) for code in ("W204", "W205")], "text")

    assert len(shown.splitlines()) == 20


@pytest.mark.parametrize("form", sorted(findings.FORMATS.keys() - {"text"}))
def test_what_programs_read_has_every_finding(form):
    shown = findings.render([a_finding("W204", line) for line in range(40)], form)

    assert {*map(int, re.findall(r"of line (\d+)", shown))} == {*range(40)}


def test_github_s_commands_are_one_line_and_escaped():
    (line,) = findings.render([FINDING], "github").splitlines()

    assert line.startswith("::error file=po%2Cl%3Aicy.yaml,line=7,col=5,title=E101 unreachable rule::rule ")
    assert "%25" in line


def test_sarif_names_its_rules_and_places():
    run = json.loads(findings.render([FINDING], "sarif"))["runs"][0]
    (result,) = run["results"]

    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "E101"
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 7, "startColumn": 5}


def test_every_code_has_its_section():
    headings = [line.removeprefix("## ") for line in LINT.read_text(encoding="utf-8").splitlines() if line[:3] == "## "]

    assert headings == [f"{code.name} {code.title}" for code in CODES.values()]


@pytest.mark.parametrize("form", explanations.FORMATS)
def test_an_explanation_does_not_let_names_act(form):
    policy = a_policy(a_rule("r", "auto", task_name=("x*",)), a_rule("s", "manual", task_id=("*",), reason=HOSTILE))
    shown = explanations.render([explain(a_task(task_name=HOSTILE), policy, NO_OVERRIDES, NOW)], form)

    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "rule s" in shown


def test_many_rules_that_say_no_are_counted():
    policy = a_policy(*(a_rule(f"r{n}", task_name=(f"x{n}",)) for n in range(100)))
    shown = explanations.render([explain(a_task(), policy, NO_OVERRIDES, NOW)], "text")

    assert "… 89 more say no" in shown


@pytest.mark.parametrize("form", impacts.FORMATS)
def test_an_impact_shows_each_group_and_lets_no_name_act(form):
    tasks = [a_task(str(n), task_name=HOSTILE) for n in range(50)]
    old, new = a_policy(), a_policy(a_rule("r", "auto", task_id=("*",)))
    shown = impacts.render(impact(tasks, (old, NO_OVERRIDES), (new, NO_OVERRIDES), NOW), form)

    assert "\x1b" not in shown
    assert "\u202e" not in shown
    if form == "json":
        assert len(msgspec.json.decode(shown)["moved"]) == 50
    else:
        assert "The edit moves 50 of 50 tasks: 50 to auto" in shown
        assert "10 more" in shown
    if form == "markdown":
        assert xml.sax.saxutils.escape("<script>") not in shown
        assert "<script>" not in shown


def test_a_valid_policy_has_no_findings_to_show():
    assert findings.render(lint(a_policy().policy, NOW), "text") == ""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from enforcer.model.report.task import State
from enforcer.reports import render
from enforcer.reports.junit import VERDICTS
from tests.report_strategies import reports
from tests.sample_reports import SAMPLES, a_report, a_target, a_task


def parsed(report):
    return ET.fromstring(render(report, "junit"))  # noqa: S314 - our own words


def suites(report):
    return {suite.get("name"): suite for suite in parsed(report)}


def cases(suite):
    return {case.get("name"): [(part.tag, part.get("message")) for part in case] for case in suite.iter("testcase")}


@pytest.mark.parametrize("name", SAMPLES)
def test_there_is_one_case_for_each_planned_change_and_each_notice(name):
    report = SAMPLES[name]
    told = len(report.notices) + (report.exit.code is None)
    root = parsed(report)

    assert len(list(root.iter("testcase"))) == report.totals.planned + told
    for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert root.get(attribute) == str(len(list(root.iter(kind))))
        numbers = [int(suite.get(attribute, "")) for suite in root]
        assert root.get(attribute) == str(sum(numbers))


def test_every_state_has_a_verdict_and_only_verified_passes():
    assert set(VERDICTS) == set(State)
    assert [state for state, verdict in VERDICTS.items() if verdict == "passed"] == [State.VERIFIED]


def test_each_state_says_why_it_did_not_pass():
    found = cases(suites(SAMPLES["every-state"])["prod-eu"])
    by_task = {name.split(" ")[0]: parts for name, parts in found.items()}

    assert by_task["sh-wan-2"] == []
    assert by_task["pay-orders-3"] == [("failure", "read back as manual (request 000000035e2b9d7c)")]
    assert by_task["pay-orders-6"] == [("error", "sent, and nothing tells whether it happened")]
    assert by_task["pay-orders-8"] == [("skipped", "its mode was not reported")]
    assert by_task["pay-orders-9"] == [("skipped", "deferred")]


def test_a_run_that_could_do_nothing_does_not_look_like_a_good_one():
    (parts,) = cases(suites(SAMPLES["denied"])["run"]).values()

    assert [tag for tag, _ in parts] == ["error"]
    assert "denied: no credentials" in parts[0][1]


def test_a_run_without_an_end_is_an_error():
    assert "Unfinished" in str(cases(suites(SAMPLES["unfinished"])["run"]))


def test_a_target_called_run_keeps_its_suite():
    target = replace(a_target([a_task(1)]), name="run")
    root = parsed(a_report(target, notices=SAMPLES["denied"].notices))

    assert [suite.get("name") for suite in root] == ["run", "run"]


@given(reports())
@settings(max_examples=50)
def test_any_report_is_well_formed_xml(report):
    root = parsed(report)

    assert int(root.get("tests", "")) == len(list(root.iter("testcase")))

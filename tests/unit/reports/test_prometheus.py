"""The metrics are Prometheus' text format, whatever the report, and say what the report says."""

import re

import pytest
from hypothesis import given, settings

from enforcer.core.text.moment import utc_text
from enforcer.errors import ExitCode
from enforcer.model.report.run import Exit
from enforcer.model.report.task import State
from enforcer.reports import prometheus, render
from tests.report_strategies import reports
from tests.sample_reports import SAMPLES

SAMPLE = re.compile(r'([a-z_]+)\{((?:[a-z0-9_]+="(?:[^"\\\n]|\\["\\])*",?)*)\} (-?[0-9.e+-]+)')


def read(text):
    """Return {metric: {labels: value}}; fail where a scraper would."""
    found: dict[str, dict[str, float]] = {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split()[2]
            assert name not in found, "one family in two places"
            found[name] = {}
        elif line.startswith("# TYPE "):
            assert line == f"# TYPE {name} gauge"
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            assert match[1] == name
            assert match[2] not in found[name], "one sample twice"
            found[name][match[2]] = float(match[3])
    return found


def distinct(report):
    """Two targets of one name, or two counts of one limit, do not occur in a report of a run."""
    names = [(target.name, target.project_id, target.region) for target in report.targets]
    limits = [(each.direction, count.limit, count.target) for each in report.budgets for count in each.counts]
    # What is not there and what is empty look the same in a label.
    shown = [tuple(prometheus._escaped(str(each or "")) for each in part) for part in (*names, *limits)]
    return len(shown) == len(set(shown))


@given(report=reports())
@settings(deadline=None, max_examples=100)
def test_any_report_can_be_scraped(report):
    if distinct(report):
        read(render(report, "prometheus"))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_numbers_are_those_of_the_report(name):
    report = SAMPLES[name]
    found = read(render(report, "prometheus"))

    assert sum(found["enforcer_last_run_operations"].values()) == report.totals.planned if report.targets else True
    for target in report.targets:
        for state in State:
            (value,) = [
                value
                for labels, value in found["enforcer_last_run_operations"].items()
                if f'target="{prometheus._escaped(target.name)}"' in labels and f'result="{state}"' in labels
            ]
            assert value == getattr(target.totals, state)


def test_every_put_has_an_answer_or_none():
    found = read(render(SAMPLES["throttled"], "prometheus"))["enforcer_last_run_put_answers"]
    tasks = [task for target in SAMPLES["throttled"].targets for task in target.tasks]

    assert sum(found.values()) == sum(task.attempts for task in tasks)
    by_status = {re.search(r'status="(\w+)"', labels).group(1): count for labels, count in found.items()}
    assert by_status["429"] == sum(attempt.http_status == 429 for task in tasks for attempt in task.earlier) > 0


@pytest.mark.parametrize("name", SAMPLES)
def test_no_task_is_in_a_label(name):
    text = render(SAMPLES[name], "prometheus")

    assert not [task.task_id for target in SAMPLES[name].targets for task in target.tasks if task.task_id in text]


def last_success(text):
    return list(read(text).get("enforcer_last_success_timestamp_seconds", {}).values())


def test_a_success_is_the_last_success_and_a_failure_keeps_the_one_before():
    ended = SAMPLES["done"]
    failed = SAMPLES["denied"]
    assert ended.exit.code == ExitCode.OK
    assert failed.exit.code != ExitCode.OK

    (at,) = last_success(prometheus.render_after(ended, 17.0))
    assert utc_text(at) == ended.ended_at
    assert last_success(prometheus.render_after(failed, 17.0)) == [17.0]
    assert last_success(prometheus.render_after(failed, None)) == []
    assert last_success(render(failed, "prometheus")) == []


def test_a_run_without_an_end_has_no_exit_code():
    assert SAMPLES["unfinished"].exit == Exit(code=None, name="unfinished")
    assert "enforcer_last_run_exit_code" not in read(render(SAMPLES["unfinished"], "prometheus"))

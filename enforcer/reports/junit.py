"""The report as JUnit XML, for what shows test results: a suite for each target, a test case for each planned change.

A change that was read back as desired has passed. What stopped the run, or a part of it, is a case of its own, so that
a run without changes is not taken for a good one.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from enforcer.core.text.visible import visible
from enforcer.model.report.run import Report
from enforcer.model.report.target import TargetReport
from enforcer.model.report.task import State, TaskReport
from enforcer.reports import rows, words

Case: TypeAlias = ET.Element

VERDICTS = {
    State.VERIFIED: "passed",
    State.FAILED: "failure",
    State.MISMATCH: "failure",
    State.REVERTED: "failure",
    State.UNKNOWN: "error",
    State.ACKED: "error",
    State.SKIPPED: "skipped",
    State.DEFERRED: "skipped",
    State.NOT_ATTEMPTED: "skipped",
    State.GONE: "skipped",
}
"""An error is where nothing tells whether it happened."""


def render(report: Report) -> str:
    suites = [("run", list(_notices(report)))]
    suites += [(visible(target.name), list(_changes(report, target))) for target in report.targets]
    root = ET.Element("testsuites", {"name": f"enforcer {visible(report.command, 32)}"})
    root.attrib |= _counts([case for _, cases in suites for case in cases])
    root.set("time", f"{report.duration_s:.3f}")
    root.extend(_suite(name, report, cases) for name, cases in suites if cases)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(name: str, report: Report, cases: Sequence[Case]) -> ET.Element:
    suite = ET.Element("testsuite", {"name": name, "timestamp": visible(report.started_at, 64), **_counts(cases)})
    properties = ET.SubElement(suite, "properties")
    for key, value in (
        ("run_id", report.run_id),
        ("policy", report.policy.name),
        ("policy_sha256", report.policy.sha256),
        ("version", report.version),
    ):
        ET.SubElement(properties, "property", {"name": key, "value": visible(value)})
    suite.extend(cases)
    return suite


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    kinds = [part.tag for case in cases for part in case]
    return {
        "tests": str(len(cases)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
        "skipped": str(kinds.count("skipped")),
    }


def _notices(report: Report) -> Iterator[Case]:
    said = [" ".join([words.notice(notice), words.hint(notice)]).rstrip() for notice in report.notices]
    if report.exit.code is None:
        said.append(words.opening(report))
    for number, message in enumerate(said, start=1):
        case = ET.Element("testcase", {"classname": words.title(report), "name": f"run, notice {number}"})
        ET.SubElement(case, "error", {"type": visible(report.exit.name, 32), "message": message})
        yield case


def _changes(report: Report, target: TargetReport) -> Iterator[Case]:
    classname = f"{words.title(report)}.{visible(target.name)}"
    for task in target.tasks:
        yield _change(report, task, classname)


def _change(report: Report, task: TaskReport, classname: str) -> Case:
    name = f"{rows.name(task)} ({visible(task.task_id)})" if task.task_name else visible(task.task_id)
    case = ET.Element("testcase", {"classname": classname, "name": f"{name} {rows.direction(task)}"})
    if task.duration_ms is not None:
        case.set("time", f"{task.duration_ms / 1000:.3f}")
    verdict = VERDICTS[task.state]
    if verdict != "passed":
        why = rows.why(task) or words.state_in(report, task.state)
        kind = {} if verdict == "skipped" else {"type": words.state(task.state)}
        part = ET.SubElement(case, verdict, {**kind, "message": why})
        part.text = "  ".join(fact for fact in rows.grounds(task) if fact)
    return case

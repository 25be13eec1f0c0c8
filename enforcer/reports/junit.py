"""The report as JUnit XML, for what shows test results: a suite for each target, a test case for each planned change.

A change that was read back as desired has passed. What stopped the run, or a part of it, is a case of its own, so that
a run without changes is not taken for a good one.
"""

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, TypeAlias

from msgspec import Struct

from enforcer.core.text.visible import visible
from enforcer.model.report.run import Report
from enforcer.model.report.target import TargetReport
from enforcer.model.report.task import State, TaskReport
from enforcer.reports import rows, words

Case: TypeAlias = ET.Element

_TOGETHER: Final = 200
"""Cases that are written at once."""

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


class _Suite(Struct, frozen=True, kw_only=True):
    name: str
    verdicts: Counter[str]
    """How many of the cases have which of VERDICTS."""
    cases: Iterator[Case]


def pieces(report: Report) -> Iterator[str]:
    suites = [suite for suite in _suites(report) if suite.verdicts]
    verdicts = sum((suite.verdicts for suite in suites), Counter[str]())
    root = ET.Element("testsuites", {"name": f"enforcer {visible(report.command, 32)}", **_counts(verdicts)})
    root.set("time", f"{report.duration_s:.3f}")
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    if suites:
        yield _opened(root)
        for suite in suites:
            yield from _suite(report, suite)
        yield "</testsuites>\n"
    else:
        yield f"{ET.tostring(root, encoding='unicode')}\n"


def _suites(report: Report) -> Iterator[_Suite]:
    said = _said(report)
    yield _Suite(name="run", verdicts=Counter({"error": len(said)} if said else ()), cases=_notices(report, said))
    for target in report.targets:
        verdicts = Counter(VERDICTS[task.state] for task in target.tasks)
        yield _Suite(name=visible(target.name), verdicts=verdicts, cases=_changes(report, target))


def _suite(report: Report, suite: _Suite) -> Iterator[str]:
    facts = {"name": suite.name, "timestamp": visible(report.started_at, 64), **_counts(suite.verdicts)}
    yield f"  {_opened(ET.Element('testsuite', facts))}"
    properties = ET.Element("properties")
    for key, value in (
        ("run_id", report.run_id),
        ("policy", report.policy.name),
        ("policy_sha256", report.policy.sha256),
        ("version", report.version),
    ):
        ET.SubElement(properties, "property", {"name": key, "value": visible(value)})
    yield _indented([properties])
    while some := list(islice(suite.cases, _TOGETHER)):
        yield _indented(some)
    yield "  </testsuite>\n"


def _opened(element: ET.Element) -> str:
    """Return the start tag of *element*, which has nothing in it yet, as a line."""
    return ET.tostring(element, encoding="unicode").removesuffix(" />") + ">\n"


def _indented(elements: Sequence[ET.Element]) -> str:
    """Return *elements*, which stand in a suite, as lines."""
    suite = ET.Element("_")
    suite.extend(elements)
    ET.indent(suite, level=1)
    return ET.tostring(suite, encoding="unicode").removeprefix("<_>\n").removesuffix("  </_>")


def _counts(verdicts: Counter[str]) -> dict[str, str]:
    return {
        "tests": str(verdicts.total()),
        "failures": str(verdicts["failure"]),
        "errors": str(verdicts["error"]),
        "skipped": str(verdicts["skipped"]),
    }


def _said(report: Report) -> list[str]:
    said = [" ".join([words.notice(notice), words.hint(notice)]).rstrip() for notice in report.notices]
    return said if report.exit.code is not None else [*said, words.opening(report)]


def _notices(report: Report, said: Sequence[str]) -> Iterator[Case]:
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

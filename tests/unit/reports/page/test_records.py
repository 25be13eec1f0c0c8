import json

from hypothesis import given
from msgspec.structs import replace

from enforcer.model.report.run import Report
from enforcer.model.report.task import State
from enforcer.reports import rows
from enforcer.reports.page.records import Record, concerns, records, to_json
from tests.report_strategies import reports
from tests.sample_reports import a_report, a_target, a_task, slowed_down


def read(text: str) -> list[dict]:
    """Read the JSON as the page's script does."""
    data = json.loads(text)
    shared = [field in data["shared"] for field in data["fields"]]
    return [
        {
            field: data["texts"][value] if isit else value
            for field, isit, value in zip(data["fields"], shared, values, strict=True)
        }
        for values in data["changes"]
    ]


def a_table(report: Report) -> list[Record]:
    return list(records(report, rows.short_ids(report)))


def written(found: list[Record]) -> str:
    return "".join(to_json(iter(found)))


@given(reports())
def test_the_script_reads_what_was_recorded_and_nothing_ends_its_element(report):
    found = a_table(report)
    text = written(found)

    assert set(text) & set("<>&") == set()
    for change, record in zip(read(text), found, strict=True):
        assert change == {name: getattr(record, name) for name in Record.__annotations__} | {
            "earlier": change["earlier"]
        }
        assert len(change["earlier"]) == len(record.earlier)


def test_an_earlier_attempt_is_told_in_the_order_the_script_expects():
    task = a_task(1, attempts=2, earlier=(slowed_down(1, 4.8),))
    (change,) = read(written(a_table(a_report(a_target([task])))))

    said = "PUT: HTTP 429 APIGW.0308, the throttling threshold has been reached"
    assert change["earlier"] == [[4.8, said, 429, "00000001503e9d7c", 30.0, 9.0]]


def test_what_repeats_is_written_once():
    tasks = [a_task(number) for number in range(1, 101)]
    text = written(a_table(a_report(a_target(tasks))))

    assert text.count('"payments"') == 1


def test_alike_troubles_are_one_concern_and_others_their_own():
    failed = [a_task(number, state=State.FAILED, reason="HTTP 503") for number in (1, 2)]
    tasks = [*failed, replace(failed[0], reason="HTTP 400"), a_task(4), a_task(5, state=State.UNKNOWN)]

    found = concerns(a_table(a_report(a_target(tasks))))

    assert [(each.state, each.why, each.count) for each in found] == [
        ("failed", "HTTP 503", 2),
        ("failed", "HTTP 400", 1),
        ("unknown", "sent, and nothing tells whether it happened", 1),
    ]

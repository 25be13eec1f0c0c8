import json

import pytest

from enforcer.cli.terminal import logs
from enforcer.errors import ConfigError
from enforcer.model.event import Entry
from tests.builders import a_change_acked, a_change_planned, a_change_verified, a_run_started


def entry(seq, event, at=1764075234.5678):
    return Entry(seq=seq, at=at, event=event)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log"
    sink = logs.set_up(level="info", form="json", file=str(path), colors=False)
    yield sink, path
    sink.close()


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_about_a_planned_change_has_what_was_planned(log):
    sink, path = log
    sink.take([entry(1, a_run_started(run_id="R")), entry(2, a_change_planned("id-1"))])
    sink.take([entry(3, a_change_acked("id-1", request_id=None)), entry(4, a_change_verified("id-2"))])
    assert lines(path)[1:] == [
        {
            "timestamp": "2025-11-25T12:53:54.567Z",
            "level": "info",
            "event": "change.acked",
            "run_id": "R",
            "target": "prod-eu",
            "task_id": "id-1",
            "task_name": "name-of-id-1",
            "before": "manual",
            "desired": "auto",
            "rule": "payments",
            "attempt": 1,
            "http_status": 200,
            "duration_ms": 40.0,
            "by_read_back": False,
        },
        {
            "timestamp": "2025-11-25T12:53:54.567Z",
            "level": "info",
            "event": "change.verified",
            "run_id": "R",
            "target": "prod-eu",
            "task_id": "id-2",
            "observed": "auto",
        },
    ]


def test_a_log_file_that_cannot_be_opened_is_refused_at_once(tmp_path):
    with pytest.raises(ConfigError, match="cannot be opened"):
        logs.set_up(level=None, form="auto", file=str(tmp_path / "none" / "log"), colors=False)


def test_fault_59_a_line_fits_into_16_kb_whatever_a_name_is(log):
    sink, path = log
    name, task_id = "\U000e0041" * 1_000_000, "x" * 10_000
    sink.take([entry(1, a_change_planned(task_id, task_name=name)), entry(2, a_change_verified(task_id))])
    sink.close()

    (line,) = path.read_bytes().splitlines()
    assert len(line) < 16_384
    assert json.loads(line)["task_name"] == name[:499] + "…"

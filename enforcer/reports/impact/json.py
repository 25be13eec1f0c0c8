"""Every task of every group."""

from typing import Any

from enforcer.model.impact import Impact, Move
from enforcer.model.plan import Decision
from enforcer.reports.encoding import json_text


def render(impact: Impact) -> str:
    document = {
        "tasks": impact.tasks,
        "moved": [_row(each) for each in impact.moved],
        "unmatched": [_row(each) for each in impact.unmatched],
        "rerouted": [_row(each) for each in impact.rerouted],
        "drifting": [_row(each) for each in impact.drifting],
    }
    return json_text(document)


def _row(move: Move) -> dict[str, Any]:
    return {
        "target": move.task.target,
        "task_id": move.task.task_id,
        "task_name": move.task.task_name,
        "observed": move.task.resume_mode,
        "before": _decision(move.before),
        "after": _decision(move.after),
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "desired": decision.desired,
        "ground": decision.ground,
        "rule": None if decision.rule is None else decision.rule.id,
        "override": None if decision.override is None else decision.override.id,
    }

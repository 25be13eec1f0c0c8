"""An array of objects, one a task, with every rung."""

from collections.abc import Sequence
from typing import Any

import msgspec

from enforcer.model.explanation import Explanation, Rung
from enforcer.reports.encoding import json_text


def render(explanations: Sequence[Explanation]) -> str:
    return json_text([_row(each) for each in explanations])


def _row(told: Explanation) -> dict[str, Any]:
    otherwise = told.otherwise
    return {
        "task": msgspec.to_builtins(told.task),
        "desired": told.decision.desired,
        "decided_by": told.decided_by,
        "held": told.held,
        "rungs": [_rung(rung) for rung in told.rungs],
        "otherwise": None if otherwise is None else {"desired": otherwise.desired, "decided_by": told.otherwise_by},
    }


def _rung(rung: Rung) -> dict[str, Any]:
    return {
        "name": rung.name,
        "verdict": rung.verdict,
        "mode": rung.mode,
        "origin": None if rung.origin is None else str(rung.origin),
        "detail": rung.detail,
        "reason": rung.reason,
    }

"""Builders of saved plans, valid by default."""

from typing import Any

from enforcer.core.planning.saving import saved_policy
from enforcer.model.policy import Policy
from enforcer.model.savedplan import SavedChange, SavedPlan, SavedTarget
from enforcer.model.task import ResumeMode


def a_saved_change(task_id: str = "8a7f03c1", **fields: Any) -> SavedChange:
    given: dict[str, Any] = {
        "task_name": f"name-of-{task_id}",
        "before": ResumeMode.MANUAL,
        "desired": ResumeMode.AUTO,
        "status": "INCRMIGEATING",
        "rule": "payments",
        "origin": "nightly.yaml:14",
        "reason": None,
        "priority": 0,
        "wave": 1,
        "risk": "low",
        "risk_reasons": (),
    }
    return SavedChange(task_id=task_id, **(given | fields))


def a_saved_target(*changes: SavedChange, name: str = "prod") -> SavedTarget:
    return SavedTarget(
        name=name,
        region="eu-west-101",
        endpoint="https://dcs.eu-west-101.myhuaweicloud.com",
        iam_endpoint=None,
        project_id="0" * 32,
        is_project_named=False,
        rate=None,
        changes=changes,
    )


def a_saved_plan(
    *targets: SavedTarget, created: str = "2026-11-23T02:15:00.000Z", policy: Policy | None = None
) -> SavedPlan:
    return SavedPlan(
        run_id="20261123T021500Z-7f3a2c",
        created=created,
        version="0.1.0",
        policy_path="/nowhere/nightly.yaml",
        policy=saved_policy(policy or Policy(name="nightly", files=("nightly.yaml",), sha256="0" * 64)),
        overrides_sha256="0" * 64,
        targets=targets or (a_saved_target(a_saved_change()),),
    )

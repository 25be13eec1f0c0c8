"""Builders of events, valid by default: say what matters, leave out the rest. `entries` numbers and times them."""

from typing import Any

from msgspec.structs import replace

from enforcer.errors import ExitCode
from enforcer.model.event import (
    AttemptFailed,
    ChangeAcked,
    ChangeAttempted,
    ChangeFailed,
    ChangeGone,
    ChangeLost,
    ChangeMismatched,
    ChangePlanned,
    ChangeSkipped,
    ChangeVerified,
    ChangeWithdrawn,
    ChangeWithheld,
    ClockSkewed,
    CredentialsDated,
    Entry,
    Event,
    InventoryListed,
    LeftCount,
    PlanBuilt,
    PlanContradicted,
    PlanRefused,
    RequestRetried,
    RunFinished,
    RunInterrupted,
    RunRecovered,
    RunSettled,
    RunStarted,
    RunStopped,
    TargetFailed,
    TargetRef,
    ThrottleGated,
)
from enforcer.model.task import ResumeMode

RUN_ID = "20261123T021500Z-7f3a2c"
LATER_RUN = "20261124T021500Z-0b1c2d"
STARTED_AT = 1_795_400_100.0
TARGET = "prod-eu"
TASK = "8a7f03c1"


def entries(*events: Event, step: float = 1.0) -> tuple[Entry, ...]:
    """*events* as a run records them, *step* seconds apart."""
    return tuple(Entry(seq=n, at=STARTED_AT + (n - 1) * step, event=event) for n, event in enumerate(events, start=1))


def a_target_ref(name: str = TARGET, **fields: Any) -> TargetRef:
    ref = TargetRef(
        name=name,
        region="eu-west-101",
        endpoint="https://dcs.eu-west-101.myhuaweicloud.com",
        project_id="0123456789abcdef0123456789abcdef",
        rate_per_s=5.0,
        rate="5/s",
        concurrency=8,
    )
    return replace(ref, **fields)


def a_run_started(*targets: str, run_id: str = RUN_ID, **fields: Any) -> RunStarted:
    started = RunStarted(
        run_id=run_id,
        command="apply",
        version="1.0.0",
        host="ops-1",
        user="nightly",
        pid=4711,
        policy_name="nightly",
        policy_files=("policies/nightly.yaml",),
        policy_sha256="0" * 64,
        policy_path="/srv/enforcer/policies/nightly.yaml",
        targets=tuple(a_target_ref(name) for name in targets or (TARGET,)),
    )
    return replace(started, **fields)


def an_inventory_listed(
    tasks: int = 1, *, target: str = TARGET, read_back: bool = False, **fields: Any
) -> InventoryListed:
    listed = InventoryListed(
        target=target,
        tasks=tasks,
        count=tasks,
        pages=1,
        shows=0,
        stable=True,
        read_back=read_back,
        duration_ms=20.0,
    )
    return replace(listed, **fields)


def a_plan_built(
    planned: int = 1, *, in_sync: int = 0, left: int = 0, target: str = TARGET, **fields: Any
) -> PlanBuilt:
    built = PlanBuilt(
        target=target,
        listed=planned + in_sync + left,
        eligible=planned + in_sync,
        in_sync=in_sync,
        planned=planned,
        left=(LeftCount(reason="not eligible", count=left),) if left else (),
    )
    return replace(built, **fields)


def a_request_retried(call: str = "list", failure: str = "transient", **fields: Any) -> RequestRetried:
    retried = RequestRetried(target=TARGET, call=call, attempt=1, failure=failure, message="503", wait_s=0.5)
    return replace(retried, **fields)


def a_throttle_gated(limit: str | None = "60/m", **fields: Any) -> ThrottleGated:
    return replace(ThrottleGated(target=TARGET, wait_s=2.5, times=1, rate_per_s=2.5, limit=limit), **fields)


def a_clock_skewed(skew_s: float = -75.0, *, target: str = TARGET) -> ClockSkewed:
    return ClockSkewed(target=target, skew_s=skew_s)


def a_credentials_dated(expires_at: float, *, target: str = TARGET) -> CredentialsDated:
    return CredentialsDated(target=target, expires_at=expires_at)


def a_target_failed(exit_code: ExitCode = ExitCode.UNAVAILABLE, *, target: str = TARGET, **fields: Any) -> TargetFailed:
    return TargetFailed(**({"target": target, "exit_code": exit_code.value, "message": "no answer"} | fields))


def a_plan_refused(*reasons: str) -> PlanRefused:
    return PlanRefused(reasons=reasons or ("to_auto: 14 > 10 (max)",))


def a_run_stopped(exit_code: ExitCode = ExitCode.ABORTED, target: str | None = None) -> RunStopped:
    return RunStopped(exit_code=exit_code.value, message="the deadline of 5400 s has passed", target=target)


def a_run_finished(exit_code: ExitCode = ExitCode.OK, **counts: int) -> RunFinished:
    return RunFinished(exit_code=exit_code.value, exit_name=exit_code.label, **counts)


def a_run_interrupted(by_run: str = LATER_RUN) -> RunInterrupted:
    return RunInterrupted(by_run=by_run)


def a_run_settled(by_run: str = LATER_RUN) -> RunSettled:
    return RunSettled(by_run=by_run)


def a_run_recovered(*, target: str = TARGET, **fields: Any) -> RunRecovered:
    recovered = RunRecovered(
        target=target,
        earlier_run=RUN_ID,
        died=True,
        verified=1,
        not_applied=0,
        mismatched=0,
        gone=0,
        still_open=0,
        not_attempted=0,
    )
    return replace(recovered, **fields)


def a_change_planned(task_id: str = TASK, *, target: str = TARGET, **fields: Any) -> ChangePlanned:
    planned = ChangePlanned(
        target=target,
        task_id=task_id,
        task_name=f"name-of-{task_id}",
        before=ResumeMode.MANUAL,
        desired=ResumeMode.AUTO,
        rule="payments",
        origin="policies/nightly.yaml:14",
        reason="reconnects by itself",
        priority=0,
    )
    return replace(planned, **fields)


def a_change_withheld(task_id: str = TASK, *, target: str = TARGET, reason: str = "moved since") -> ChangeWithheld:
    return ChangeWithheld(target=target, task_id=task_id, task_name=f"name-of-{task_id}", reason=reason)


def a_plan_contradicted(*task_ids: str, target: str = TARGET) -> PlanContradicted:
    return PlanContradicted(target=target, desired=ResumeMode.MANUAL, task_ids=task_ids or (TASK,))


def a_change_skipped(task_id: str = TASK, *, target: str = TARGET) -> ChangeSkipped:
    return ChangeSkipped(target=target, task_id=task_id, reason="the row has no usable id")


def a_change_attempted(task_id: str = TASK, attempt: int = 1, *, target: str = TARGET) -> ChangeAttempted:
    return ChangeAttempted(target=target, task_id=task_id, attempt=attempt)


def an_attempt_failed(
    task_id: str = TASK, failure: str = "transient", attempt: int = 1, **fields: Any
) -> AttemptFailed:
    answer: dict[str, Any] = (
        {"http_status": None} if failure in {"lost", "not_sent"} else {"http_status": 503, "request_id": "r-503"}
    )
    given: dict[str, Any] = {"target": TARGET, "message": failure, "wait_s": 0.5, "duration_ms": 30.0}
    return AttemptFailed(task_id=task_id, failure=failure, attempt=attempt, **(given | answer | fields))


def a_change_acked(task_id: str = TASK, attempt: int = 1, *, target: str = TARGET, **fields: Any) -> ChangeAcked:
    given: dict[str, Any] = {"http_status": 200, "request_id": "r-200", "duration_ms": 40.0}
    return ChangeAcked(target=target, task_id=task_id, attempt=attempt, **(given | fields))


def a_change_failed(task_id: str = TASK, failure: str = "rejected", **fields: Any) -> ChangeFailed:
    answer = {} if failure in {"not_applied", "internal"} else {"http_status": 400, "duration_ms": 35.0}
    return ChangeFailed(
        **({"target": TARGET, "task_id": task_id, "failure": failure, "message": failure} | answer | fields)
    )


def a_change_lost(task_id: str = TASK, **fields: Any) -> ChangeLost:
    given: dict[str, Any] = {"message": "reset", "duration_ms": 25.0}
    return ChangeLost(**({"target": TARGET, "task_id": task_id} | given | fields))


def a_change_withdrawn(task_id: str = TASK, attempt: int = 1, *, target: str = TARGET) -> ChangeWithdrawn:
    return ChangeWithdrawn(target=target, task_id=task_id, attempt=attempt, message="nothing was sent")


def a_change_gone(task_id: str = TASK, **fields: Any) -> ChangeGone:
    return ChangeGone(**({"target": TARGET, "task_id": task_id, "message": "it does not exist"} | fields))


def a_change_verified(task_id: str = TASK, *, target: str = TARGET) -> ChangeVerified:
    return ChangeVerified(target=target, task_id=task_id, observed=ResumeMode.AUTO)


def a_change_mismatched(task_id: str = TASK, observed: ResumeMode | None = ResumeMode.MANUAL) -> ChangeMismatched:
    return ChangeMismatched(target=TARGET, task_id=task_id, observed=observed)

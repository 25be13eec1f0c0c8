"""The report as metrics in Prometheus' text format: gauges of the last run, for node_exporter's textfile collector.

No sample has a task in its labels, so that their number does not grow with the inventory. Times are Unix time.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from enforcer.core.text.moment import utc_text
from enforcer.core.text.visible import visible
from enforcer.errors import ExitCode
from enforcer.model.metric import Metric
from enforcer.model.report.run import Report
from enforcer.model.report.target import TargetReport
from enforcer.model.report.task import State
from enforcer.model.task import ResumeMode


def pieces(report: Report) -> Iterator[str]:
    yield _text(_metrics(report, _success(report)))


def render_after(report: Report, last_success: float | None) -> str:
    """Return *report* as `pieces` does; if it was no success, the one before, at *last_success*, stays the last."""
    return _text(metrics_after(report, last_success))


def metrics_after(report: Report, last_success: float | None) -> tuple[Metric, ...]:
    """Return the metrics that have samples; if *report* was no success, the one before, at *last_success*, is the last.

    Of that time only the milliseconds count, as in a report: the same success has the same time wherever it goes.
    """
    before = None if last_success is None else _seconds(utc_text(last_success))
    return tuple(metric for metric in _metrics(report, _success(report) or before) if metric.samples)


def _text(metrics: Iterable[Metric]) -> str:
    lines: list[str] = []
    for metric in metrics:
        if metric.samples:
            lines += [f"# HELP {metric.name} {metric.what}", f"# TYPE {metric.name} gauge"]
            lines += [f"{metric.name}{_labels(labels)} {value:.15g}" for labels, value in metric.samples]
    return "\n".join(lines) + "\n"


def _metrics(report: Report, success: float | None) -> Iterator[Metric]:
    policy = {"policy": report.policy.name} | ({"shard": report.shard} if report.shard else {})
    yield Metric(
        name="enforcer_last_run_timestamp_seconds",
        what="When the last run ended, or began if it has no end.",
        samples=((policy, _seconds(report.ended_at or report.started_at)),),
    )
    yield Metric(
        name="enforcer_last_success_timestamp_seconds",
        what="When the last run that ended with 0 did so.",
        samples=() if success is None else ((policy, success),),
    )
    yield Metric(
        name="enforcer_last_run_duration_seconds",
        what="How long the last run took.",
        samples=((policy, report.duration_s),),
    )
    yield Metric(
        name="enforcer_last_run_exit_code",
        what="What the last run ended with; absent if it has no end.",
        samples=() if report.exit.code is None else ((policy, report.exit.code),),
    )
    yield Metric(
        name="enforcer_policy_info",
        what="The policy of the last run.",
        samples=(({**policy, "sha256": report.policy.sha256}, 1),),
    )
    yield Metric(
        name="enforcer_build_info",
        what="The version of enforcer that the last run was of.",
        samples=(({**policy, "version": report.version}, 1),),
    )
    yield from _of_targets(report, policy)
    yield from _of_budgets(report, policy)


def _of_targets(report: Report, policy: dict[str, str]) -> Iterator[Metric]:
    targets = [(_place(target) | policy, target) for target in report.targets]
    yield Metric(
        name="enforcer_target_listed",
        what="Whether the target could be listed.",
        samples=tuple((labels, target.inventory is not None) for labels, target in targets),
    )
    yield Metric(
        name="enforcer_inventory_tasks",
        what="Tasks by how they stand to the policy; planned are those that differ.",
        samples=tuple(
            (labels | {"status": status}, getattr(target.totals, status))
            for labels, target in targets
            for status in ("in_sync", "left", "planned")
        ),
    )
    yield Metric(
        name="enforcer_inventory_eligible_tasks",
        what="Tasks that the policy lets in.",
        samples=tuple((labels, target.totals.eligible) for labels, target in targets),
    )
    yield Metric(
        name="enforcer_drift_tasks",
        what="Tasks that differed from the policy when the run planned, by the mode that they should have.",
        samples=tuple(
            (labels | {"desired": mode}, sum(task.desired is mode for task in target.tasks))
            for labels, target in targets
            for mode in ResumeMode
        ),
    )
    yield Metric(
        name="enforcer_last_run_operations",
        what="Planned changes by what became of them.",
        samples=tuple(
            (labels | {"result": state}, getattr(target.totals, state)) for labels, target in targets for state in State
        ),
    )
    yield Metric(
        name="enforcer_unknown_operations",
        what="Changes that were sent and that nothing has read back.",
        samples=tuple((labels, target.totals.unknown + target.totals.acked) for labels, target in targets),
    )
    yield Metric(
        name="enforcer_clock_skew_seconds",
        what="How far this machine's clock was ahead of the target's; 0 stands for less than a minute.",
        samples=tuple((labels, target.clock_skew_s or 0) for labels, target in targets),
    )
    yield Metric(
        name="enforcer_credentials_expiry_timestamp_seconds",
        what="When the credentials expire that the target accepted last; absent if no end of them is known.",
        samples=tuple(
            (labels, _seconds(target.credentials_expire_at))
            for labels, target in targets
            if target.credentials_expire_at
        ),
    )
    yield Metric(
        name="enforcer_last_run_http_requests",
        what="Requests started, retries included, by call.",
        samples=tuple(
            (labels | {"call": call}, getattr(target.requests, call))
            for labels, target in targets
            for call in ("list", "show", "put")
        ),
    )
    yield Metric(
        name="enforcer_last_run_put_answers",
        what="Answers to PUTs by their HTTP status; none stands for those of which no answer is known.",
        samples=tuple(
            (labels | {"status": status}, count)
            for labels, target in targets
            for status, count in sorted(_answers(target).items())
        ),
    )
    yield Metric(
        name="enforcer_last_run_retries",
        what="Requests that were sent again.",
        samples=tuple((labels, target.requests.retries) for labels, target in targets),
    )
    yield Metric(
        name="enforcer_last_run_throttled_requests",
        what="Answers that said: slow down.",
        samples=tuple((labels, target.requests.throttled) for labels, target in targets),
    )


def _answers(target: TargetReport) -> Counter[str]:
    sent = [task for task in target.tasks if task.attempts]
    statuses = [attempt.http_status for task in sent for attempt in task.earlier]
    statuses += [task.http_status for task in sent]
    return Counter("none" if status is None else str(status) for status in statuses)


def _of_budgets(report: Report, policy: dict[str, str]) -> Iterator[Metric]:
    counts = [
        (policy | {"direction": budget.direction, "limit": count.limit, "target": count.target or ""}, count)
        for budget in report.budgets
        for count in budget.counts
    ]
    yield Metric(
        name="enforcer_budget_used_changes",
        what="Changes that count for a limit, those of earlier runs included where it is a daily one.",
        samples=tuple((labels, count.count) for labels, count in counts),
    )
    yield Metric(
        name="enforcer_budget_allowed_changes",
        what="Changes that a limit allows.",
        samples=tuple((labels, count.allowed) for labels, count in counts),
    )


def _place(target: TargetReport) -> dict[str, str]:
    return {"target": target.name, "project": target.project_id, "region": target.region or ""}


def _success(report: Report) -> float | None:
    return _seconds(report.ended_at) if report.exit.code == ExitCode.OK and report.ended_at else None


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in sorted(labels.items())) + "}"


def _escaped(value: str) -> str:
    return visible(value).replace("\\", r"\\").replace('"', r"\"")

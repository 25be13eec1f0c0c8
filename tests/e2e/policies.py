"""Policies for the simulator's fleet, and what its tasks should look like under them."""

from typing import Any

from enforcer.simulator.inventory import wanted

_RULES = """\
rules:
  - id: wan-links-stay-manual
    match: {task_name: ["*-wan-*", "dr-*"]}
    mode: manual
    reason: A full sync would saturate the WAN link
  - id: payments
    match: {task_name: "pay-*"}
    mode: auto
    priority: 10
  - id: caches
    match: {task_name: "cache-*"}
    mode: manual
"""


AT_ONCE = "{waves: [100%], bake: 0s, gate: {max_call_errors: unlimited}}"
"""A rollout that does not make a test wait."""


def nightly(
    *,
    rate: str = "200/s",
    concurrency: int = 8,
    to_auto: object = "unlimited",
    targets: str = "",
    rollout: str = AT_ONCE,
) -> str:
    """Return a policy that wants of the fleet what `wanted` says."""
    return (
        "version: 1\n"
        "name: nightly\n"
        f"{targets}{_RULES}"
        f"rollout: {rollout}\n"
        "limits:\n"
        f"  rate: {rate}\n"
        f"  concurrency: {concurrency}\n"
        f"  to_auto: {{max: {to_auto}, percent: unlimited, per_day: unlimited,\n"
        "    per_source_instance: unlimited, per_target_instance: unlimited}\n"
        "  to_manual: {max: unlimited, per_day: unlimited}\n"
    )


def target(name: str, cloud: Any, *, rate: str | None = None) -> str:
    """Return one entry of ``targets``, indented, for a simulator."""
    return f"  - name: {name}\n    endpoint: {cloud.endpoint}\n    project_id: {cloud.project_id}\n" + (
        f"    rate: {rate}\n" if rate else ""
    )


def drifting(tasks: list[dict[str, Any]]) -> dict[str, str]:
    """Return the modes that are to be set, by task id."""
    return {task["task_id"]: mode for task in tasks if (mode := wanted(task)) and task["resume_mode"] != mode}


def adds_up(report: dict[str, Any]) -> bool:
    """Whether the totals of *report* and of each of its targets are the sums that they are to be."""
    return all(map(_sums, [report["totals"], *(target["totals"] for target in report["targets"])])) and all(
        len(target["tasks"]) == target["totals"]["planned"] for target in report["targets"]
    )


_SENT = ("verified", "acked", "mismatch", "failed", "unknown", "reverted", "gone")
_STATES = (*_SENT, "skipped", "deferred", "not_attempted")


def _sums(totals: dict[str, int]) -> bool:
    states = sum(totals[state] for state in _STATES)
    return totals["planned"] == states and totals["listed"] == totals["in_sync"] + totals["left"] + totals["planned"]


def states(report: dict[str, Any]) -> dict[str, str]:
    """Return what became of each planned change, by task id."""
    return {task["task_id"]: task["state"] for target in report["targets"] for task in target["tasks"]}


def attempts(report: dict[str, Any]) -> int:
    return sum(task["attempts"] for target in report["targets"] for task in target["tasks"])


def modes_sent(cloud: Any) -> dict[str, str]:
    """Return the mode of the last PUT of each task id, as the simulator's ledger has them."""
    return {put["path"].rpartition("/")[2]: put["body"].split('"')[3] for put in cloud.puts()}


def modes_sent_in(report: dict[str, Any]) -> dict[str, str]:
    """Return the mode of each planned change of *report*, by task id."""
    return {task["task_id"]: task["desired"] for target in report["targets"] for task in target["tasks"]}

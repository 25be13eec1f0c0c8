"""Sampled reports, and their golden files in tests/samples/reports.

``make samples`` writes the golden files again; the diff is then for a person to judge.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from enforcer.core.fold.timeline import Moments, timeline
from enforcer.errors import ExitCode
from enforcer.model.event import BudgetCount, LeftCount
from enforcer.model.report.override import EndedOverride, OverrideReport, OverridesReport
from enforcer.model.report.run import BreakGlass, BudgetReport, Exit, Notice, PolicyReport, Report, TrendPoint
from enforcer.model.report.target import InventoryReport, Latency, RateReport, Requests, TargetReport, Timeline, Totals
from enforcer.model.report.task import Attempt, State, TaskReport, WithheldReport
from enforcer.model.report.wave import WaveReport, WaveState
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode
from enforcer.reports import FORMATS, render

FOLDER = Path(__file__).parent / "samples" / "reports"
SUFFIX = {
    "text": "txt",
    "json": "json",
    "markdown": "md",
    "html": "html",
    "junit": "xml",
    "github": "github.md",
    "prometheus": "prom",
}
RUN = "20261123T021500Z-7f3a"
LEFT = (LeftCount(reason="not eligible", count=4), LeftCount(reason="no rule", count=2))
HOSTILE = "\x1b]0;owned\x07 <img src=x>|`rm`|[a](https://evil.example)\n# @all \u202egnp\u200b *b*"


def a_task(number: int = 1, **changes) -> TaskReport:
    """A change to auto that was made and read back, unless *changes* says otherwise."""
    task = TaskReport(
        task_id=f"{number * 2654435761 % 2**32:08x}8b1d4c6f9a2e7d3508fc64b1",
        task_name=f"pay-orders-{number}",
        before=ResumeMode.MANUAL,
        desired=ResumeMode.AUTO,
        observed_after=ResumeMode.AUTO,
        rule="payments",
        origin="policies/nightly.yaml:14",
        rule_reason=None,
        state=State.VERIFIED,
        reason=None,
        attempts=1,
        http_status=200,
        error_code=None,
        request_id=f"{number:08x}5e2b9d7c",
        duration_ms=41.5,
        started_s=round(3 + 0.2 * number, 3),
        earlier=(),
    )
    return replace(task, **changes)


def an_attempt(number: int = 1, **changes) -> Attempt:
    """An attempt that was answered with 503, unless *changes* says otherwise."""
    attempt = Attempt(
        started_s=round(0.5 * number, 3),
        failure="transient",
        message="PUT: HTTP 503",
        http_status=503,
        error_code=None,
        request_id=f"{number:08x}503e9d7c",
        duration_ms=30.0,
        wait_s=0.5,
    )
    return replace(attempt, **changes)


def slowed_down(number: int, at_s: float) -> Attempt:
    """An attempt that was answered with 429."""
    said = "PUT: HTTP 429 APIGW.0308, the throttling threshold has been reached"
    return an_attempt(
        number, started_s=at_s, failure="throttled", message=said, http_status=429, error_code="APIGW.0308", wait_s=9.0
    )


def unsent(number: int = 1, **changes) -> TaskReport:
    """A planned change of which no byte was sent."""
    nothing = {"observed_after": None, "attempts": 0, "http_status": None, "request_id": None, "duration_ms": None}
    nothing["started_s"] = None
    return a_task(number, **({"state": State.NOT_ATTEMPTED} | nothing | changes))


def to_manual(task: TaskReport) -> TaskReport:
    """*task* as the WAN rule of the sketch in the design wants it."""
    return replace(
        task,
        task_name="sh-wan-2",
        before=ResumeMode.AUTO,
        desired=ResumeMode.MANUAL,
        observed_after=ResumeMode.MANUAL if task.observed_after else None,
        rule="wan-links-stay-manual",
        origin="policies/nightly.yaml:9",
        rule_reason="A full sync would saturate the WAN link (CHG-4411)",
    )


def a_target(tasks: Sequence[TaskReport] = (), **changes) -> TargetReport:
    """A target whose totals follow from *tasks*: 32 more are in sync, 6 are left alone."""
    states = Counter(task.state for task in tasks)
    puts = sum(task.attempts for task in tasks)
    target = TargetReport(
        name="prod-eu",
        region="eu-west-101",
        endpoint="https://dcs.eu-west-101.myhuaweicloud.com",
        project_id="0123456789abcdef0123456789abcdef",
        inventory=InventoryReport(count=38 + len(tasks), stable=True, pages=1, baseline=40),
        totals=Totals(
            listed=38 + len(tasks),
            eligible=34 + len(tasks),
            in_sync=32,
            left=6,
            planned=len(tasks),
            **{state.value: number for state, number in states.items()},
        ),
        left=LEFT,
        requests=Requests(list=2 if puts else 1, put=puts),
        rate=RateReport(asked_per_s=5.0, effective_per_s=4.93 if puts else None),
        latency_ms=Latency(p50=41.5, p95=88.2, p99=131.0) if puts else Latency(p50=None, p95=None, p99=None),
        tasks=tuple(tasks),
        timeline=a_timeline([3.2 + 0.2 * number for number in range(puts)]),
    )
    return replace(target, **changes)


def a_timeline(
    started_s: Sequence[float], *, throttled_s: Sequence[float] = (), paused_s: Sequence[tuple[float, float]] = ()
) -> Timeline | None:
    """What comes of PUTs and pauses at these seconds; the time an answer takes rises and falls."""
    durations_ms = [35.0 + 7 * abs(number % 23 - 11) for number in range(len(started_s))]
    moments = Moments(
        started=list(started_s),
        throttled=list(throttled_s),
        answered_at=[at + ms / 1000 for at, ms in zip(started_s, durations_ms, strict=True)],
        durations_ms=durations_ms,
        paused=list(paused_s),
    )
    return timeline(moments, 0.0)


def not_listed(name: str) -> TargetReport:
    target = a_target(name=name, region=None, inventory=None, left=(), totals=Totals())
    return replace(target, requests=Requests(list=3, retries=2))


def a_report(*targets: TargetReport, code: ExitCode | None = ExitCode.OK, **changes) -> Report:
    """The report of an apply that took 6 min 41 s."""
    report = Report(
        run_id=RUN,
        command="apply",
        version="0.1.0",
        started_at="2026-11-23T02:15:00.000Z",
        ended_at=None if code is None else "2026-11-23T02:21:41.000Z",
        duration_s=401.0,
        exit=Exit(code=None, name="unfinished") if code is None else Exit(code=code.value, name=code.label),
        policy=PolicyReport(name="nightly", files=("policies/nightly.yaml",), sha256="5b" * 32),
        only=(),
        overrides=OverridesReport(),
        break_glass=None,
        notices=(),
        budgets=(),
        totals=total(targets),
        targets=targets,
    )
    return replace(report, **changes)


def total(targets: Sequence[TargetReport]) -> Totals:
    names = Totals.__struct_fields__
    return Totals(**{name: sum(getattr(target.totals, name) for target in targets) for name in names})


def _done() -> Report:
    changed = [to_manual(a_task(1)), *(a_task(number) for number in range(2, 10))]
    return a_report(a_target(changed), trend=a_trend(7, drift=9))


def a_trend(nights: int, *, drift: int, failed: int = 0) -> tuple[TrendPoint, ...]:
    """The last *nights* applies; the last of them found *drift* tasks amiss, of which *failed* stay so."""
    counts = [*((number * 7 % 13, number * 5 % 11 // 9) for number in range(1, nights)), (drift, failed)]
    return tuple(
        TrendPoint(
            run_id=RUN if number == nights else f"{night:%Y%m%d}T021500Z-7f{number:02x}",
            started_at=f"{night:%Y-%m-%d}T02:15:00.000Z",
            exit_name="partial" if bad else "ok",
            drift=drift,
            changed=drift - min(bad, drift),
            failed=min(bad, drift),
        )
        for number, (drift, bad) in enumerate(counts, start=1)
        for night in [date(2026, 11, 23) - timedelta(days=nights - number)]
    )


def _throttled() -> Report:
    starts = [3.2 + 0.2 * number for number in range(15)] + [15.4 + number for number in range(37)]
    held = {8: 4.8, 9: 5.0}
    target = a_target(
        [
            a_task(number, started_s=starts[number - 1])
            if number not in held
            else a_task(number, started_s=starts[number + 41], attempts=2, earlier=(slowed_down(number, held[number]),))
            for number in range(1, 51)
        ],
        timeline=a_timeline(starts, throttled_s=list(held.values()), paused_s=[(4.8, 9.0), (5.0, 10.4)]),
        requests=Requests(list=2, show=3, put=52, retries=2, throttled=2),
        rate=RateReport(asked_per_s=5.0, effective_per_s=0.98, learned="60 per minute"),
    )
    return a_report(target)


def _every_state() -> Report:
    refused = "The task cannot be changed in its status: HTTP 400 DCS.4114"
    earlier = tuple(an_attempt(number) for number in range(1, 4))
    tasks = [
        to_manual(a_task(1)),
        a_task(2, state=State.ACKED, observed_after=None),
        a_task(3, state=State.MISMATCH, observed_after=ResumeMode.MANUAL),
        a_task(4, state=State.FAILED, reason=refused, http_status=400, error_code="DCS.4114"),
        a_task(
            5,
            state=State.FAILED,
            reason="The service could not: HTTP 503",
            http_status=503,
            attempts=4,
            earlier=earlier,
        ),
        a_task(6, state=State.UNKNOWN, http_status=None, request_id=None, observed_after=None),
        a_task(7, state=State.GONE, http_status=404, error_code="DCS.4133", observed_after=None),
        a_task(11, state=State.REVERTED, observed_after=ResumeMode.MANUAL, attempts=2),
        unsent(8, state=State.SKIPPED, before=None, reason="its mode was not reported"),
        unsent(9, state=State.DEFERRED),
        unsent(10, task_name=None, rule="default", origin=None),
    ]
    target = a_target(tasks)
    target = replace(target, requests=replace(target.requests, show=1, retries=3))
    notice = Notice(
        target="prod-eu",
        message="1 change is unknown after the read-back",
        hint="Run the plan again; it shows what the API says now.",
        exit_code=ExitCode.PARTIAL,
    )
    return a_report(target, code=ExitCode.PARTIAL, notices=(notice,))


def _plan() -> Report:
    tasks = [to_manual(unsent(1)), *(unsent(number, rule_reason="CHG-4502") for number in range(2, 8))]
    return a_report(a_target(tasks), command="plan", duration_s=0.7, only=("pay-*", "sh wan"))


def a_wave(number: int, *, waves: int = 3, **changes) -> WaveReport:
    """A wave of one change that passed, unless *changes* says otherwise."""
    wave = WaveReport(
        target="prod-eu",
        wave=number,
        waves=waves,
        changes=1,
        state=WaveState.PASSED,
        full_sync=0,
        failed=0,
        unreadable=0,
        call_errors=0,
        reasons=(),
        recalled=0,
        watched_s=120.0,
    )
    return replace(wave, **changes)


def unbegun(number: int, **changes) -> WaveReport:
    nothing: dict[str, Any] = dict.fromkeys(("full_sync", "failed", "unreadable", "call_errors", "watched_s"))
    return a_wave(number, **({"state": WaveState.PLANNED} | nothing | changes))


def _plan_in_waves() -> Report:
    low = {"risk": "low"}
    high = {"risk": "high", "risk_reasons": ("source shared by 3", "no bandwidth limit"), "rule_reason": "CHG-4502"}
    tasks = [to_manual(unsent(1)), unsent(2, wave=2, **high), unsent(3, wave=1, **low), unsent(4, wave=2, **low)]
    waves = (unbegun(1, waves=2), unbegun(2, waves=2, changes=2))
    return a_report(a_target(tasks), command="plan", duration_s=0.7, waves=waves)


def _set_back() -> Report:
    why = "set back to manual: the gate of wave 2 failed"
    stop = "the gate of wave 2 of 3 failed: moved into a full sync: 1 > 0 (gate.max_full_sync)"
    tasks = [
        to_manual(a_task(1)),
        a_task(2, wave=1, risk="low"),
        a_task(3, wave=2, risk="low", state=State.REVERTED, observed_after=ResumeMode.MANUAL, reason=why, attempts=2),
        unsent(4, wave=3, risk="medium", risk_reasons=("target shared by 2",), reason=stop),
    ]
    reasons = ("moved into a full sync: 1 > 0 (gate.max_full_sync)",)
    waves = (
        a_wave(1, call_errors=1),
        a_wave(2, state=WaveState.FAILED, full_sync=1, reasons=reasons, recalled=1, watched_s=15.0),
        unbegun(3),
    )
    notice = Notice(target="prod-eu", message=stop, hint=None, exit_code=ExitCode.ABORTED)
    return a_report(a_target(tasks), code=ExitCode.ABORTED, notices=(notice,), waves=waves)


def _plan_of_many() -> Report:
    skipped = unsent(0, state=State.SKIPPED, before=None, reason="its mode was not reported")
    tasks = [skipped, *(unsent(number) for number in range(1, 353))]
    return a_report(a_target(tasks), command="plan", duration_s=1.2, code=ExitCode.DRIFT)


def _refused() -> tuple[Report, Report]:
    tasks = [*(unsent(number) for number in range(1, 15)), *(to_manual(unsent(number)) for number in range(15, 18))]
    notices = (
        Notice(target=None, message="to_auto: 14 > 10 (max)", hint=None, exit_code=ExitCode.REFUSED),
        Notice(target=None, message="to_manual: 3 > 2 (max)", hint=None, exit_code=ExitCode.REFUSED),
    )
    auto = (
        BudgetCount(limit="max", target=None, count=14, allowed=10, note="max"),
        BudgetCount(limit="percent", target="prod-eu", count=14, allowed=20, note="40% of 51 eligible"),
    )
    manual = (BudgetCount(limit="max", target=None, count=3, allowed=2, note="max"),)
    budgets = (
        BudgetReport(direction=ResumeMode.AUTO, counts=auto),
        BudgetReport(direction=ResumeMode.MANUAL, counts=manual),
    )
    apply = a_report(a_target(tasks), code=ExitCode.REFUSED, notices=notices, budgets=budgets, duration_s=0.9)
    hint = "Raise limits.to_auto.max and limits.to_manual.max, or narrow the run with --only."
    told = tuple(replace(notice, hint=hint) for notice in notices)
    return apply, replace(apply, command="plan", notices=told)


def _guarded() -> Report:
    frozen = "frozen until 20:00 Europe/Berlin: business hours"
    tasks = [
        *(a_task(number) for number in range(1, 4)),
        unsent(4, state=State.DEFERRED, reason="to_auto: 4 > 3 (max)"),
        to_manual(unsent(5, state=State.DEFERRED, reason=frozen)),
    ]
    counts = (
        BudgetCount(limit="max", target=None, count=3, allowed=3, note="max"),
        BudgetCount(limit="percent", target="prod-eu", count=3, allowed=7, note="20% of 39 eligible"),
        BudgetCount(limit="per_source_instance", target="prod-eu", count=1, allowed=3, note="per_source_instance, i-1"),
        BudgetCount(limit="per_target_instance", target="prod-eu", count=2, allowed=2, note="per_target_instance, i-2"),
    )
    target = a_target(tasks, inventory=InventoryReport(count=43, stable=True, pages=1, baseline=None))
    return a_report(
        target,
        code=ExitCode.PARTIAL,
        budgets=(BudgetReport(direction=ResumeMode.AUTO, counts=counts),),
        break_glass=BreakGlass(reason="INC-4211", passed=("to_auto: frozen until 20:00 UTC", "to_auto: 14 > 3 (max)")),
    )


def _unfinished() -> Report:
    lost = a_task(2, state=State.UNKNOWN, http_status=None, request_id=None, duration_ms=None, observed_after=None)
    tasks = [a_task(1, state=State.ACKED, observed_after=None), lost, *(unsent(number) for number in range(3, 6))]
    return a_report(a_target(tasks), code=None, duration_s=3.04, policy=_folder())


def _folder() -> PolicyReport:
    files = ("policies/prod eu/10-wan.yaml", "policies/prod eu/20-payments.yaml")
    return PolicyReport(name="nightly", files=files, sha256="5b" * 32)


def _hostile() -> Report:
    text = {"task_name": HOSTILE, "rule": HOSTILE, "rule_reason": HOSTILE, "origin": f"{HOSTILE}:3"}
    earlier = (an_attempt(failure=HOSTILE, message=HOSTILE, error_code=HOSTILE, request_id=HOSTILE),)
    said = {"earlier": earlier, "attempts": 2, "reason": HOSTILE * 40, "error_code": HOSTILE, "request_id": HOSTILE}
    tasks = [
        a_task(1, **text),
        a_task(2, task_name="支付-订单-" * 12),
        a_task(3, state=State.FAILED, **text, **said),
    ]
    target = a_target(tasks, name=HOSTILE, region=f"eu-{HOSTILE}", left=(LeftCount(reason=HOSTILE, count=6),))
    notice = Notice(target=HOSTILE, message=HOSTILE, hint=HOSTILE, exit_code=ExitCode.PARTIAL)
    policy = PolicyReport(name=HOSTILE, files=(f"policies/{HOSTILE}.yaml",), sha256="5b" * 32)
    return a_report(target, code=ExitCode.PARTIAL, notices=(notice,), policy=policy, only=(HOSTILE,))


def _two_targets() -> Report:
    stopped = "out of time: the deadline of 5 min has passed"
    first = a_target([a_task(1), a_task(2, state=State.UNKNOWN, observed_after=None, http_status=None)])
    second = a_target(
        [to_manual(a_task(3)), unsent(4)],
        name="prod-ap",
        region="ap-southeast-3",
        inventory=InventoryReport(count=41, stable=False, pages=1, baseline=40),
        requests=Requests(list=2, put=1, retries=1, throttled=1),
        credentials_expire_at="2026-11-23T03:15:00.000Z",
    )
    notices = (
        Notice(target=None, message=stopped, hint=None, exit_code=ExitCode.ABORTED),
        Notice(
            target="lab",
            message="GET https://dcs.lab.example/v2: the name cannot be resolved",
            hint="Check targets.endpoint, or the network.",
            exit_code=ExitCode.UNAVAILABLE,
        ),
    )
    return a_report(first, second, not_listed("lab"), code=ExitCode.ABORTED, notices=notices, shard="0/2")


def _denied() -> Report:
    notice = Notice(
        target=None,
        message="no credentials: looked for HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK",
        hint="Set them, or name a source: --credentials profile",
        exit_code=ExitCode.DENIED,
    )
    return a_report(not_listed("prod-eu"), command="plan", code=ExitCode.DENIED, notices=(notice,), duration_s=0.31)


def _overrides() -> Report:
    tasks = [
        replace(
            to_manual(a_task(1)),
            task_name="pay-orders-1",
            rule="override INC-4211",
            rule_reason="source CPU",
            origin=None,
        ),
        a_task(2),
    ]
    held = OverrideReport(
        id="INC-4211",
        mode=PolicyMode.MANUAL,
        patterns=("pay-*",),
        targets=(),
        reason="INC-4211: source CPU",
        ticket="INC-4211",
        owner="li.wei",
        created="2026-11-22T21:11:00.000Z",
        expires="2026-11-23T07:15:00.000Z",
        origin=None,
        tasks=1,
        left_s=18_000.0,
        ends_within_24h=True,
    )
    left = replace(
        held,
        id="move-42",
        mode=PolicyMode.LEAVE,
        patterns=("dr-*", "sh-wan-?"),
        reason="moved to another region",
        ticket=None,
        expires="2026-11-30T02:15:00.000Z",
        origin="policies/overrides.yaml:3",
        tasks=12,
        left_s=604_800.0,
        ends_within_24h=False,
    )
    expired = EndedOverride(
        id="INC-4100",
        mode=PolicyMode.MANUAL,
        reason="a slow disk",
        owner="ann",
        ended_at="2026-11-22T20:00:00.000Z",
        ended_by=None,
        task_ids=(tasks[1].task_id,),
    )
    return a_report(a_target(tasks), overrides=OverridesReport(in_force=(left, held), ended=(expired,)))


def _undone() -> Report:
    done = _done()
    kept = (
        WithheldReport(task_id="9c842b6a11", task_name="pay-refunds-3", reason="moved since: it is manual again"),
        WithheldReport(task_id="f3d4e71190", task_name=None, reason="gone: it is no longer in the list of tasks"),
    )
    targets = tuple(replace(target, withheld=kept) for target in done.targets)
    return replace(done, command="runs undo", parent_run="20261122T021500Z-1a2b", targets=targets, trend=())


SAMPLES: dict[str, Report] = {
    "done": _done(),
    "throttled": _throttled(),
    "every-state": _every_state(),
    "nothing-to-change": a_report(a_target(), duration_s=0.41),
    "plan": _plan(),
    "plan-in-waves": _plan_in_waves(),
    "plan-of-many": _plan_of_many(),
    "set-back": _set_back(),
    "refused-apply": _refused()[0],
    "refused-plan": _refused()[1],
    "guarded": _guarded(),
    "unfinished": _unfinished(),
    "hostile": _hostile(),
    "two-targets": _two_targets(),
    "denied": _denied(),
    "overrides": _overrides(),
    "no-targets": a_report(),
    "undone": _undone(),
}


def shown(name: str, format_name: str) -> str:
    """What a golden file has of a sample: all of it, but of a page's own style and script, which are files already."""
    text = render(SAMPLES[name], format_name)
    if format_name == "html":
        text = re.sub(r"(<style>|<script>).*?(?=</)", r"\1", text, flags=re.DOTALL)
        text = re.sub(r"sha256-[\w+/=]+", "sha256-", text)
    return text


def golden(name: str, format_name: str) -> Path:
    return FOLDER / f"{name}.{SUFFIX[format_name]}"


def write() -> None:
    """Write the golden file of each sample in each format, and delete those that no sample has."""
    wanted = {golden(name, format_name) for name in SAMPLES for format_name in FORMATS}
    FOLDER.mkdir(parents=True, exist_ok=True)
    for stale in set(FOLDER.iterdir()) - wanted:
        stale.unlink()
    for name in SAMPLES:
        for format_name in FORMATS:
            golden(name, format_name).write_text(shown(name, format_name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()

"""Reports that hypothesis builds from the model, hostile text included."""

from hypothesis import strategies as st

from enforcer.core.text.moment import utc_text
from enforcer.errors import ExitCode
from enforcer.model.event import BudgetCount, LeftCount
from enforcer.model.report.override import EndedOverride, OverrideReport, OverridesReport
from enforcer.model.report.run import BreakGlass, BudgetReport, Exit, Notice, PolicyReport, Report, TrendPoint
from enforcer.model.report.target import (
    Bin,
    InventoryReport,
    Latency,
    RateReport,
    Requests,
    TargetReport,
    Timeline,
    Totals,
)
from enforcer.model.report.task import Attempt, State, TaskReport, WithheldReport
from enforcer.model.report.wave import WaveReport, WaveState
from enforcer.model.route import Risk
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode

_NASTY = (
    "\x1b[2J\x9b31m\u202e\u200b",
    "a\nb\r\n| c |",
    "`x`` | y` \\| z \\",
    "<script>alert(1)</script><!-- ",
    "[a](https://evil.example) ![b](//x) www.evil.example me@evil.example #1 @all",
    "**b** _i_ ~~s~~ &amp; &#64; $x$",
    "- [ ] # 1. > ---",
    "支付订单" * 20,
)


TIMES = st.floats(0, 4e9).map(utc_text)
"""As reports write them."""


def text(*, surrogates: bool) -> st.SearchStrategy[str]:
    anything = st.characters(exclude_categories=()) if surrogates else st.characters(codec="utf-8")
    return st.text(anything, max_size=12) | st.sampled_from(_NASTY)


def reports(*, surrogates: bool = True) -> st.SearchStrategy[Report]:
    """Every field any value of its type; numbers are finite and not below zero. Totals need not add up."""
    words = text(surrogates=surrogates)
    maybe = st.none() | words
    count = st.integers(0, 10**6)
    number = st.floats(0, 1e9)
    status = st.none() | st.integers(100, 599)
    mode = st.none() | st.sampled_from(ResumeMode)
    totals = st.builds(Totals, **dict.fromkeys(Totals.__struct_fields__, count))
    attempt = st.builds(
        Attempt,
        started_s=number,
        failure=maybe,
        message=maybe,
        http_status=status,
        error_code=maybe,
        request_id=maybe,
        duration_ms=st.none() | number,
        wait_s=st.none() | number,
    )
    task = st.builds(
        TaskReport,
        task_id=words | st.text("0123456789abcdef", min_size=8, max_size=32),
        task_name=maybe,
        before=mode,
        desired=st.sampled_from(ResumeMode),
        observed_after=mode,
        rule=words,
        origin=maybe,
        rule_reason=maybe,
        wave=st.none() | st.integers(1, 9),
        risk=st.none() | st.sampled_from(Risk),
        risk_reasons=st.lists(words, max_size=2).map(tuple),
        state=st.sampled_from(State),
        reason=maybe,
        attempts=count,
        http_status=status,
        error_code=maybe,
        request_id=maybe,
        duration_ms=st.none() | number,
        started_s=st.none() | number,
        earlier=st.lists(attempt, max_size=2).map(tuple),
    )
    # Many tasks, cheaply: what matters is more than the limit of a group.
    tasks = st.builds(lambda few, times: tuple(few) * times, st.lists(task, max_size=3), st.sampled_from((1, 1, 1, 15)))
    latency = st.builds(Latency, p50=st.none() | number, p95=st.none() | number, p99=st.none() | number)
    timeline = st.builds(
        Timeline,
        begins_s=number,
        bin_s=st.sampled_from((1, 2, 64)),
        bins=st.lists(
            st.builds(Bin, puts=count, throttled=count, paused_s=number, latency_ms=latency), min_size=1, max_size=3
        ).map(tuple),
    )
    target = st.builds(
        TargetReport,
        name=words,
        region=maybe,
        endpoint=words,
        project_id=words,
        inventory=st.none()
        | st.builds(
            InventoryReport, count=st.none() | count, stable=st.booleans(), pages=count, baseline=st.none() | count
        ),
        totals=totals,
        left=st.lists(st.builds(LeftCount, reason=words, count=count), max_size=2).map(tuple),
        requests=st.builds(Requests, list=count, show=count, put=count, retries=count, throttled=count),
        rate=st.builds(RateReport, asked_per_s=st.none() | number, effective_per_s=st.none() | number, learned=maybe),
        latency_ms=latency,
        tasks=tasks,
        clock_skew_s=st.none() | number,
        credentials_expire_at=st.none() | st.just("2026-11-23T03:15:00.000Z"),
        withheld=st.lists(st.builds(WithheldReport, task_id=words, task_name=maybe, reason=words), max_size=2).map(
            tuple
        ),
        timeline=st.none() | timeline,
    )
    wave = st.builds(
        WaveReport,
        target=words,
        wave=st.integers(1, 99),
        waves=st.integers(1, 99),
        changes=st.integers(1, 99),
        state=st.sampled_from(WaveState),
        full_sync=st.none() | count,
        failed=st.none() | count,
        unreadable=st.none() | count,
        call_errors=st.none() | count,
        reasons=st.lists(words, max_size=2).map(tuple),
        recalled=count,
        watched_s=st.none() | number,
    )
    point = st.builds(
        TrendPoint, run_id=words, started_at=TIMES, exit_name=words, drift=count, changed=count, failed=count
    )
    some_words = st.lists(words, max_size=2).map(tuple)
    policy_mode = st.sampled_from(PolicyMode)
    in_force = st.builds(
        OverrideReport,
        id=words,
        mode=policy_mode,
        patterns=some_words,
        targets=some_words,
        reason=words,
        ticket=maybe,
        owner=words,
        created=words,
        expires=words,
        origin=maybe,
        tasks=count,
        left_s=number,
        ends_within_24h=st.booleans(),
    )
    ended = st.builds(
        EndedOverride,
        id=words,
        mode=policy_mode,
        reason=words,
        owner=words,
        ended_at=words,
        ended_by=maybe,
        task_ids=some_words,
    )
    overrides = st.builds(
        OverridesReport,
        in_force=st.lists(in_force, max_size=2).map(tuple),
        ended=st.lists(ended, max_size=2).map(tuple),
    )
    codes = st.sampled_from([code.value for code in ExitCode])
    return st.builds(
        Report,
        run_id=words,
        command=st.sampled_from(("plan", "apply")) | words,
        version=words,
        started_at=TIMES,
        ended_at=st.none() | TIMES,
        duration_s=number,
        exit=st.builds(Exit, code=st.none() | codes, name=words),
        policy=st.builds(PolicyReport, name=words, files=st.lists(words, max_size=2).map(tuple), sha256=words),
        only=st.lists(words, max_size=2).map(tuple),
        flags=st.lists(st.lists(words, min_size=1, max_size=3).map(tuple), max_size=2).map(tuple),
        break_glass=st.none() | st.builds(BreakGlass, reason=words, passed=st.lists(words, max_size=2).map(tuple)),
        budgets=st.lists(
            st.builds(
                BudgetReport,
                direction=st.sampled_from(ResumeMode),
                counts=st.lists(
                    st.builds(BudgetCount, limit=words, target=maybe, count=count, allowed=count, note=words),
                    max_size=2,
                ).map(tuple),
            ),
            max_size=2,
        ).map(tuple),
        overrides=overrides,
        notices=st.lists(
            st.builds(Notice, target=maybe, message=words, hint=maybe, exit_code=codes | st.just(1)), max_size=3
        ).map(tuple),
        totals=totals,
        waves=st.lists(wave, max_size=2).map(tuple),
        targets=st.lists(target, max_size=2).map(tuple),
        trend=st.lists(point, max_size=3).map(tuple),
    )

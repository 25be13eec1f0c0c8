from itertools import pairwise

import pytest
from msgspec.structs import replace

from enforcer.core.fold.summary import fold, unrecorded
from enforcer.core.fold.verdict import discrepancies, verdict
from enforcer.core.text import skew
from enforcer.errors import ExitCode, JournalError
from enforcer.model.event import ChangeRecalled, Event, LeftCount, WaveStarted
from enforcer.model.report.run import Exit, Notice, Report
from enforcer.model.report.target import Latency, Requests, Totals
from enforcer.model.report.task import Attempt, State, TaskReport
from enforcer.model.task import ResumeMode
from tests import builders as b


def the_report(*after_planning: Event, command: str = "apply", changes: int = 1, **plan) -> Report:
    """The report of a run over one target with *changes* planned, the first of them b.TASK."""
    planned = [b.a_change_planned(b.TASK if not n else f"{b.TASK}-{n}") for n in range(changes)]
    built = b.a_plan_built(changes, **plan)
    return fold(
        b.entries(
            b.a_run_started(command=command),
            b.an_inventory_listed(built.listed),
            *planned,
            built,
            *after_planning,
        )
    )


def the_task(*after_planning: Event) -> TaskReport:
    (task,) = the_report(*after_planning).targets[0].tasks
    return task


ATTEMPTED = b.a_change_attempted()
STORIES = {
    "never_attempted": ([], State.NOT_ATTEMPTED),
    "skipped": ([b.a_change_skipped()], State.SKIPPED),
    "attempted_without_an_end": ([ATTEMPTED], State.UNKNOWN),
    "failed_attempt_that_was_to_be_repeated": ([ATTEMPTED, b.an_attempt_failed(failure="throttled")], State.FAILED),
    "lost_attempt_that_was_to_be_repeated": ([ATTEMPTED, b.an_attempt_failed(failure="lost")], State.UNKNOWN),
    "refused_attempt_after_a_lost_one": (
        [ATTEMPTED, b.an_attempt_failed(failure="lost"), b.a_change_attempted(attempt=2), b.an_attempt_failed()],
        State.UNKNOWN,
    ),
    "second_attempt_after_one_without_an_end": (
        [ATTEMPTED, b.a_change_attempted(attempt=2), b.an_attempt_failed()],
        State.UNKNOWN,
    ),
    "acked": ([ATTEMPTED, b.a_change_acked()], State.ACKED),
    "failed": ([ATTEMPTED, b.a_change_failed()], State.FAILED),
    "withdrawn": ([ATTEMPTED, b.a_change_withdrawn()], State.NOT_ATTEMPTED),
    "withdrawn_after_a_failed_attempt": (
        [ATTEMPTED, b.an_attempt_failed(), b.a_change_attempted(attempt=2), b.a_change_withdrawn(attempt=2)],
        State.FAILED,
    ),
    "withdrawn_after_a_lost_attempt": (
        [ATTEMPTED, b.an_attempt_failed(failure="lost"), b.a_change_attempted(attempt=2), b.a_change_withdrawn()],
        State.UNKNOWN,
    ),
    "lost": ([ATTEMPTED, b.a_change_lost()], State.UNKNOWN),
    "gone": ([ATTEMPTED, b.a_change_gone()], State.GONE),
    "verified": ([ATTEMPTED, b.a_change_acked(), b.a_change_verified()], State.VERIFIED),
    "lost_but_verified": ([ATTEMPTED, b.a_change_lost(), b.a_change_verified()], State.VERIFIED),
    "lost_and_not_applied": ([ATTEMPTED, b.a_change_lost(), b.a_change_failed(failure="not_applied")], State.FAILED),
    "mismatched": ([ATTEMPTED, b.a_change_acked(), b.a_change_mismatched()], State.MISMATCH),
    "acked_and_gone_at_the_read_back": ([ATTEMPTED, b.a_change_acked(), b.a_change_gone()], State.GONE),
}


@pytest.mark.parametrize(("story", "state"), STORIES.values(), ids=STORIES)
def test_the_state_follows_from_the_last_event(story: list[Event], state: State):
    report = the_report(*story)

    assert report.targets[0].tasks[0].state is state
    assert getattr(report.totals, state.value) == 1


def test_an_attempt_that_was_withdrawn_is_as_if_it_had_not_been_made():
    assert the_task(ATTEMPTED, b.a_change_withdrawn()) == the_task()
    once: list[Event] = [ATTEMPTED, b.an_attempt_failed()]
    again = b.a_change_attempted(attempt=2), b.a_change_withdrawn(attempt=2)
    assert the_task(*once, *again) == the_task(*once)
    assert the_report(*once, *again).targets[0].requests == the_report(*once).targets[0].requests


@pytest.mark.parametrize(
    "end", [b.a_change_lost(), b.a_change_acked(), b.a_change_verified()], ids=lambda end: end.kind
)
def test_a_way_back_that_was_withdrawn_leaves_what_is_known_of_the_change(end: Event):
    recalled = [ATTEMPTED, end, ChangeRecalled(target=b.TARGET, task_id=b.TASK, desired=ResumeMode.MANUAL, wave=1)]

    was, now = the_task(*recalled), the_task(*recalled, b.a_change_attempted(), b.a_change_withdrawn())

    assert (now.state, now.reason, now.attempts) == (was.state, was.reason, was.attempts)


def test_a_report_that_the_journal_does_not_have_to_its_end_says_so_once():
    broken = JournalError("the journal cannot be written: no space", hint="Make room.")
    stopped = replace(b.a_run_stopped(ExitCode.IO), message=broken.message)
    whole = fold(b.entries(b.a_run_started(), b.a_plan_built(0), stopped, b.a_run_finished()))

    said = unrecorded(whole, broken)

    assert (said.exit.code, said.exit.name) == (74, "io")
    (notice,) = said.notices
    assert notice.message.endswith(f"not all of it is on record: {broken.message}")
    assert (notice.hint, notice.exit_code) == (broken.hint, 74)


def test_a_run_that_does_not_begin_is_refused():
    with pytest.raises(ValueError, match=r"run\.started"):
        fold(b.entries(b.a_plan_built()))
    with pytest.raises(ValueError, match=r"run\.started"):
        fold(())


def test_what_the_read_back_saw_is_reported():
    assert the_task(ATTEMPTED, b.a_change_acked(), b.a_change_verified()).observed_after is ResumeMode.AUTO
    assert the_task(ATTEMPTED, b.a_change_acked(), b.a_change_mismatched()).observed_after is ResumeMode.MANUAL
    assert the_task(ATTEMPTED, b.a_change_acked()).observed_after is None


def test_a_mismatch_says_what_was_read():
    assert the_task(ATTEMPTED, b.a_change_mismatched()).reason == "read back as manual"
    assert the_task(ATTEMPTED, b.a_change_mismatched(observed=None)).reason == "read back as a task without a mode"


def test_the_answer_of_the_last_attempt_is_reported():
    task = the_task(
        ATTEMPTED,
        b.an_attempt_failed(error_code="DCS.5000"),
        b.a_change_attempted(attempt=2),
        b.a_change_acked(attempt=2),
        b.a_change_verified(),
    )

    assert (task.attempts, task.http_status, task.error_code) == (2, 200, None)
    assert (task.request_id, task.duration_ms) == ("r-200", 40.0)


def test_an_attempt_without_an_answer_has_none_of_an_earlier_one():
    task = the_task(ATTEMPTED, b.an_attempt_failed(), b.a_change_attempted(attempt=2))

    assert (task.attempts, task.http_status, task.request_id, task.duration_ms) == (2, None, None, None)


def test_the_read_back_leaves_the_answer_as_it_was():
    task = the_task(ATTEMPTED, b.a_change_lost(http_status=504), b.a_change_failed(failure="not_applied"))

    assert (task.http_status, task.duration_ms, task.reason) == (504, 25.0, "not_applied")


def test_the_plan_is_in_the_report_of_a_task():
    task = the_task()

    assert (task.task_name, task.before, task.desired) == (f"name-of-{b.TASK}", ResumeMode.MANUAL, ResumeMode.AUTO)
    assert (task.rule, task.origin, task.rule_reason) == (
        "payments",
        "policies/nightly.yaml:14",
        "reconnects by itself",
    )


def test_totals_of_the_run_are_those_of_its_targets_together():
    report = fold(
        b.entries(
            b.a_run_started("eu", "ap"),
            b.an_inventory_listed(5, target="eu"),
            b.an_inventory_listed(3, target="ap"),
            b.a_change_planned("e-1", target="eu"),
            b.a_plan_built(1, in_sync=3, left=1, target="eu"),
            b.a_change_planned("a-1", target="ap"),
            b.a_plan_built(1, in_sync=2, target="ap"),
            b.a_change_attempted("e-1", target="eu"),
        )
    )

    assert report.totals == Totals(listed=8, eligible=7, in_sync=5, left=1, planned=2, unknown=1, not_attempted=1)
    assert report.targets[0].totals == Totals(listed=5, eligible=4, in_sync=3, left=1, planned=1, unknown=1)


def test_a_plan_cut_off_in_the_middle_adds_up():
    report = fold(b.entries(b.a_run_started(), b.an_inventory_listed(40), b.a_change_planned()))

    assert report.totals == Totals(listed=40, eligible=1, left=39, planned=1, not_attempted=1)
    assert report.targets[0].left == (LeftCount(reason="not decided", count=39),)
    assert discrepancies(report) == ()


def test_a_task_has_the_same_id_on_two_targets_without_confusion():
    report = fold(
        b.entries(
            b.a_run_started("eu", "ap"),
            b.a_change_planned("x", target="eu"),
            b.a_change_planned("x", target="ap"),
            b.a_change_attempted("x", target="ap"),
        )
    )

    assert [target.tasks[0].state for target in report.targets] == [State.NOT_ATTEMPTED, State.UNKNOWN]


def test_requests_are_counted_with_their_repetitions():
    report = the_report(
        b.a_request_retried("list", "throttled"),
        b.a_request_retried("show"),
        b.an_inventory_listed(1, read_back=True, pages=2, shows=3),
        ATTEMPTED,
        b.an_attempt_failed(failure="throttled", http_status=429),
        b.a_change_attempted(attempt=2),
        b.a_change_failed(failure="throttled", http_status=429),
    )

    assert report.targets[0].requests == Requests(list=4, show=4, put=2, retries=3, throttled=3)


def test_an_attempt_that_a_stop_settles_is_answered_once():
    throttled = b.an_attempt_failed(failure="throttled", http_status=429)
    target = the_report(ATTEMPTED, throttled, b.a_change_failed(failure="throttled", http_status=429)).targets[0]

    assert target.requests.throttled == 1
    assert target.latency_ms == Latency(p50=30.0, p95=30.0, p99=30.0)


def test_the_inventory_is_the_list_that_the_plan_rests_on():
    inventory = the_report(b.an_inventory_listed(7, read_back=True, stable=False, pages=9)).targets[0].inventory

    assert inventory is not None
    assert (inventory.count, inventory.stable, inventory.pages) == (1, True, 1)


def answered_puts(*durations_ms: float) -> list[Event]:
    """PUTs that were answered one second after another, each after so long; their intents came all at once."""
    ids = [f"{b.TASK}-{number}" for number, _ in enumerate(durations_ms, start=1)]
    intents = [b.a_change_attempted(task_id) for task_id in ids]
    return [*intents, *(b.a_change_acked(each, duration_ms=ms) for each, ms in zip(ids, durations_ms, strict=True))]


def test_the_effective_rate_is_that_of_the_puts_whenever_their_intents_and_answers_came():
    rate = the_report(*answered_puts(600, 1_100, 1_600, 1_900), changes=5).targets[0].rate

    # They left 0.5, 0.5 and 0.7 s after one another.
    assert (rate.asked_per_s, rate.effective_per_s) == (5.0, 1.765)


def test_the_time_between_two_waves_says_nothing_of_the_rate():
    puts = answered_puts(0, 500, 1_000)
    waves = [WaveStarted(target=b.TARGET, wave=number, waves=2, changes=3) for number in (1, 2)]
    rate = the_report(waves[0], *puts, waves[1], *puts, changes=4).targets[0].rate

    assert rate.effective_per_s == 2.0


def test_one_request_has_no_rate():
    assert the_report(*answered_puts(40), changes=2).targets[0].rate.effective_per_s is None


def test_latency_is_of_answered_requests_by_nearest_rank():
    answered: list[Event] = [
        event
        for n in range(1, 101)
        for event in (
            b.a_change_attempted(f"{b.TASK}-{n}"),
            b.a_change_acked(f"{b.TASK}-{n}", duration_ms=float(n)),
        )
    ]
    unanswered: list[Event] = [ATTEMPTED, b.a_change_lost(duration_ms=9_999.0)]
    report = the_report(*answered, *unanswered, changes=101)

    assert report.targets[0].latency_ms == Latency(p50=50.0, p95=95.0, p99=99.0)


def test_a_change_that_only_a_read_confirmed_has_no_latency():
    report = the_report(ATTEMPTED, b.a_change_acked(by_read_back=True))

    assert report.targets[0].tasks[0].state is State.ACKED
    assert report.targets[0].latency_ms == Latency(p50=None, p95=None, p99=None)


def test_the_limit_that_the_gateway_named_is_kept():
    target = the_report(b.a_throttle_gated("60/m"), b.a_throttle_gated(None)).targets[0]

    assert target.rate.learned == "60/m"


def test_a_run_without_an_end_is_unfinished_and_lasts_to_its_last_event():
    report = fold(b.entries(b.a_run_started(), b.an_inventory_listed(), step=2.5))

    assert report.exit == Exit(code=None, name="unfinished")
    assert (report.started_at, report.ended_at, report.duration_s) == ("2026-11-23T02:15:00.000Z", None, 2.5)


def test_a_finished_run_has_its_recorded_exit_and_end():
    report = fold(b.entries(b.a_run_started(), b.a_run_finished(ExitCode.PARTIAL), step=1.25))

    assert report.exit == Exit(code=3, name="partial")
    assert (report.ended_at, report.duration_s) == ("2026-11-23T02:15:01.250Z", 1.25)


def test_a_clock_that_was_set_back_gives_no_negative_duration():
    report = fold(b.entries(b.a_run_started(), b.a_change_planned(), ATTEMPTED, ATTEMPTED, step=-1.0))

    assert report.duration_s == 0.0
    assert report.targets[0].rate.effective_per_s is None


NOTICES = {
    "refusal": (b.a_plan_refused("one", "two"), Notice(target=None, message="one; two", hint=None, exit_code=4)),
    "stop": (
        b.a_run_stopped(),
        Notice(target=None, message="the deadline of 5400 s has passed", hint=None, exit_code=5),
    ),
    "stop of one target": (
        b.a_run_stopped(target=b.TARGET),
        Notice(target=b.TARGET, message="the deadline of 5400 s has passed", hint=None, exit_code=5),
    ),
    "failed target": (
        b.a_target_failed(hint="Try later."),
        Notice(target=b.TARGET, message="no answer", hint="Try later.", exit_code=69),
    ),
    "bug": (
        b.a_change_failed(failure="internal"),
        Notice(target=b.TARGET, message=f"task {b.TASK}: internal", hint=None, exit_code=70),
    ),
}


@pytest.mark.parametrize(("event", "notice"), NOTICES.values(), ids=NOTICES)
def test_what_a_person_should_know_is_a_notice(event: Event, notice: Notice):
    assert the_report(event).notices == (notice,)


STRAY = {
    "change that was not planned": b.a_change_attempted("stranger"),
    "target that is not the run's": b.an_inventory_listed(target="elsewhere"),
    "change planned twice": b.a_change_planned(),
    "second start": b.a_run_started(),
}


@pytest.mark.parametrize("event", STRAY.values(), ids=STRAY)
def test_an_event_that_does_not_belong_is_a_bug_to_be_reported(event: Event):
    report = the_report(event)

    assert [notice.exit_code for notice in report.notices] == [ExitCode.SOFTWARE]
    assert verdict(report) is ExitCode.SOFTWARE


def test_a_request_outside_the_plan_is_still_counted():
    assert the_report(b.a_change_attempted("stranger")).targets[0].requests.put == 1


def test_a_change_missing_from_the_record_does_not_add_up():
    report = fold(b.entries(b.a_run_started(), b.a_change_planned(), b.a_plan_built(2)))

    assert discrepancies(report) == ("prod-eu: 2 changes are planned, but the states of 1 are recorded.",)
    assert verdict(report) is ExitCode.SOFTWARE


def test_a_task_missing_from_the_plan_does_not_add_up():
    report = fold(b.entries(b.a_run_started(), b.a_change_planned(), b.a_plan_built(1, in_sync=2, listed=4)))

    assert discrepancies(report) == ("prod-eu: 4 tasks are listed, but 3 are in sync, left alone or planned.",)


def test_totals_of_a_run_that_differ_from_its_targets_do_not_add_up():
    report = the_report()

    assert discrepancies(replace(report, totals=Totals(planned=1, not_attempted=1))) == (
        "The totals of the run are not the sums of its targets' totals.",
    )


VERIFIED = [ATTEMPTED, b.a_change_acked(), b.a_change_verified()]
VERDICTS = {
    "all verified": (VERIFIED, ExitCode.OK),
    "not attempted": ([], ExitCode.PARTIAL),
    "skipped": ([b.a_change_skipped()], ExitCode.PARTIAL),
    "unknown": ([ATTEMPTED], ExitCode.PARTIAL),
    "failed": ([ATTEMPTED, b.a_change_failed()], ExitCode.PARTIAL),
    "not read back": ([ATTEMPTED, b.a_change_acked()], ExitCode.PARTIAL),
    "mismatch": ([ATTEMPTED, b.a_change_acked(), b.a_change_mismatched()], ExitCode.PARTIAL),
    "refused": ([b.a_plan_refused()], ExitCode.REFUSED),
    "stopped": ([*VERIFIED, b.a_run_stopped()], ExitCode.ABORTED),
    "interrupted": ([b.a_run_stopped(ExitCode.SIGTERM)], ExitCode.SIGTERM),
    "bug in one task": ([ATTEMPTED, b.a_change_failed(failure="internal")], ExitCode.SOFTWARE),
    "read-back failed": ([*VERIFIED, b.a_target_failed(ExitCode.PARTIAL)], ExitCode.PARTIAL),
    "unreachable after the list": ([*VERIFIED, b.a_target_failed(ExitCode.UNAVAILABLE)], ExitCode.PARTIAL),
    "configuration after the list": ([*VERIFIED, b.a_run_stopped(ExitCode.CONFIG)], ExitCode.PARTIAL),
    "unstable list": ([*VERIFIED, b.an_inventory_listed(stable=False)], ExitCode.PARTIAL),
    "unstable read-back": ([*VERIFIED, b.an_inventory_listed(stable=False, read_back=True)], ExitCode.OK),
}


@pytest.mark.parametrize(("events", "code"), VERDICTS.values(), ids=VERDICTS)
def test_the_exit_code_follows_from_what_happened(events: list[Event], code: ExitCode):
    assert verdict(the_report(*events)) is code


@pytest.mark.parametrize(
    ("planned", "gone", "code"),
    [(20, 1, ExitCode.OK), (19, 1, ExitCode.PARTIAL), (100, 5, ExitCode.OK), (100, 6, ExitCode.PARTIAL)],
)
def test_fault_56_tasks_that_are_gone_are_partial_beyond_one_in_twenty(planned: int, gone: int, code: ExitCode):
    ids = [f"t{number}" for number in range(planned)]
    ends: list[Event] = [b.a_change_gone(each) if n < gone else b.a_change_verified(each) for n, each in enumerate(ids)]
    plan: list[Event] = [*(b.a_change_planned(each) for each in ids), b.a_plan_built(planned)]

    report = fold(b.entries(b.a_run_started(), b.an_inventory_listed(planned), *plan, *ends))

    assert verdict(report) is code


def test_a_clock_that_is_off_is_a_notice_and_no_failure():
    report = the_report(b.a_clock_skewed(-75.0), ATTEMPTED, b.a_change_acked(), b.a_change_verified())

    assert verdict(report) is ExitCode.OK
    (told,) = report.notices
    assert (told.target, told.exit_code) == (b.TARGET, 0)
    assert "75 s behind" in told.message
    assert told.hint == skew.HINT
    assert report.targets[0].clock_skew_s == -75.0


def test_the_end_of_the_credentials_is_that_of_the_last_ones():
    report = the_report(b.a_credentials_dated(b.STARTED_AT + 60), b.a_credentials_dated(b.STARTED_AT + 3600))

    assert report.targets[0].credentials_expire_at == "2026-11-23T03:15:00.000Z"
    assert report.notices == ()


FIRST_TO_LAST = [
    *(ExitCode.IO, ExitCode.SOFTWARE, ExitCode.DENIED, ExitCode.PROTOCOL),
    *(ExitCode.ABORTED, ExitCode.SIGTERM, ExitCode.SIGINT, ExitCode.REFUSED, ExitCode.PARTIAL),
]


@pytest.mark.parametrize(("code", "lower"), list(pairwise(FIRST_TO_LAST)))
def test_of_two_exit_codes_the_graver_holds(code: ExitCode, lower: ExitCode):
    assert verdict(the_report(b.a_run_stopped(lower), b.a_run_stopped(code))) is code
    assert verdict(the_report(b.a_run_stopped(code), b.a_run_stopped(lower))) is code


def test_a_plan_whose_changes_are_not_attempted_is_fine():
    assert verdict(the_report(command="plan")) is ExitCode.OK


def test_a_plan_over_an_unstable_list_is_fine():
    assert verdict(the_report(b.an_inventory_listed(stable=False), command="plan")) is ExitCode.OK


def test_a_refused_plan_is_refused():
    assert verdict(the_report(b.a_plan_refused(), command="plan")) is ExitCode.REFUSED


def test_a_plan_with_a_row_that_must_not_be_sent_is_partial():
    assert verdict(the_report(b.a_change_skipped(), command="plan")) is ExitCode.PARTIAL


def failed_targets(*failures: tuple[str, ExitCode]) -> Report:
    return fold(
        b.entries(b.a_run_started("eu", "ap"), *(b.a_target_failed(code, target=name) for name, code in failures))
    )


def test_nothing_listed_is_unavailable():
    assert verdict(failed_targets(("eu", ExitCode.UNAVAILABLE), ("ap", ExitCode.UNAVAILABLE))) is ExitCode.UNAVAILABLE


def test_a_wrong_setting_goes_before_an_unreachable_api():
    assert verdict(failed_targets(("eu", ExitCode.UNAVAILABLE), ("ap", ExitCode.CONFIG))) is ExitCode.CONFIG


def test_one_target_of_two_that_cannot_be_listed_is_partial():
    report = fold(
        b.entries(
            b.a_run_started("eu", "ap"),
            b.a_target_failed(target="eu"),
            b.an_inventory_listed(0, target="ap"),
            b.a_plan_built(0, target="ap"),
        )
    )

    assert verdict(report) is ExitCode.PARTIAL


def test_earlier_attempts_are_told_with_their_answers():
    task = the_task(
        ATTEMPTED,
        b.an_attempt_failed(error_code="DCS.5000", message="PUT: HTTP 503", wait_s=1.5),
        b.a_change_attempted(attempt=2),
        b.a_change_attempted(attempt=3),
        b.a_change_acked(attempt=3),
    )

    # Planned at 2 s, built at 3 s: the first attempt starts at 4 s.
    assert [attempt.started_s for attempt in task.earlier] == [4.0, 6.0]
    assert task.started_s == 7.0
    answered, unanswered = task.earlier
    assert (answered.failure, answered.message, answered.wait_s) == ("transient", "PUT: HTTP 503", 1.5)
    assert (answered.http_status, answered.error_code, answered.request_id) == (503, "DCS.5000", "r-503")
    assert unanswered == Attempt(started_s=6.0)


def test_of_very_many_attempts_the_latest_are_told():
    throttled = [
        event
        for number in range(1, 31)
        for event in (b.a_change_attempted(attempt=number), b.an_attempt_failed(failure="throttled", attempt=number))
    ]

    task = the_task(*throttled)

    assert task.attempts == 30
    assert [attempt.started_s for attempt in task.earlier] == [4.0 + 2 * number for number in range(9, 29)]


def test_the_timeline_has_what_the_requests_say():
    report = the_report(
        b.a_request_retried(failure="throttled"),
        ATTEMPTED,
        b.an_attempt_failed(failure="throttled", http_status=429),
        b.a_throttle_gated(wait_s=2.0),
        b.a_change_attempted(attempt=2),
        b.a_change_acked(attempt=2),
    )
    (target,) = report.targets

    assert [each.puts for each in target.timeline.bins] == [0, 1, 0, 0, 1, 0]
    assert [each.throttled for each in target.timeline.bins] == [1, 0, 1, 0, 0, 0]
    assert [each.paused_s for each in target.timeline.bins] == [0, 0, 0, 1, 1, 0]
    assert [each.latency_ms.p50 for each in target.timeline.bins] == [None, None, 30.0, None, None, 40.0]
    assert target.timeline.begins_s == 4.0


def test_a_plan_has_no_timeline():
    assert the_report(command="plan").targets[0].timeline is None

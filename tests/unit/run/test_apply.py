import asyncio

import pytest
from msgspec.structs import replace

from enforcer.errors import JournalError
from enforcer.model.answer import FailureKind
from enforcer.model.event import (
    AttemptFailed,
    BreakerOpened,
    ChangeAcked,
    ChangeAttempted,
    ChangeDeferred,
    ChangeFailed,
    ChangeGone,
    ChangeLost,
    ChangeSkipped,
    ChangeVerified,
    ChangeWithdrawn,
    ClockSkewed,
    CredentialsDated,
    CredentialsRefreshed,
    RunStopped,
)
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode
from enforcer.run import apply as applying
from enforcer.run.snapshot import SNAPSHOT_S
from tests.fakes import BrokenJournal, FakeApi, Notebook, a_failure, a_site
from tests.wishes import a_policy, a_task, a_wish, an_inventory


async def apply(site, todo, hold=lambda _change: None, *, age_s=0.0):
    return await applying.apply(site, todo, listed_at=asyncio.get_running_loop().time() - age_s, hold=hold)


def changes(count=3):
    tasks = [a_task(f"t{number}") for number in range(count)]
    return a_wish(a_policy(default=PolicyMode.AUTO)).planner.plan(an_inventory(*tasks)).changes


def api_for(todo, **details):
    return FakeApi.of([change.task for change in todo], **details)


async def test_each_change_is_one_put_with_its_mode():
    todo = changes()
    api, notes = api_for(todo), Notebook()

    sent = await apply(a_site(api, notes), todo)

    assert [("t0", ResumeMode.AUTO), ("t1", ResumeMode.AUTO), ("t2", ResumeMode.AUTO)] == sorted(api.puts)
    assert len(sent.acked) == 3
    assert len(notes.of(ChangeAcked)) == 3


async def test_the_intent_is_recorded_before_the_put_leaves():
    todo = changes()
    notes = Notebook()
    api = api_for(
        todo,
        before_put=lambda task_id: intents.append(task_id in {e.task_id for e in notes.of(ChangeAttempted)}),
    )
    intents: list[bool] = []

    await apply(a_site(api, notes), todo)

    assert [True, True, True] == intents


@pytest.mark.parametrize("concurrency", [1, 3, 8])
async def test_never_more_requests_in_flight_than_the_concurrency(concurrency):
    todo = changes(40)
    api = api_for(todo)

    await apply(a_site(api, Notebook(), concurrency=concurrency), todo)

    assert api.peak_in_flight <= concurrency


async def test_every_attempt_takes_a_permit():
    todo = changes(2)
    api = api_for(todo, script={"t0": [a_failure(FailureKind.TRANSIENT)] * 2})
    site = a_site(api, Notebook())

    await apply(site, todo)

    assert len(api.puts) == 4
    assert site.throttle.permits == 4  # type: ignore[attr-defined]  # it is the fake one


async def test_a_transient_failure_is_tried_again_and_then_acked():
    todo = changes(1)
    notes = Notebook()

    await apply(a_site(api_for(todo, script={"t0": [a_failure(FailureKind.TRANSIENT)]}), notes), todo)

    assert [1, 2] == [event.attempt for event in notes.of(ChangeAttempted)]
    assert len(notes.of(AttemptFailed)) == 1
    assert [2] == [event.attempt for event in notes.of(ChangeAcked)]


async def test_one_failing_task_never_stops_the_others():
    todo = changes(5)
    api = api_for(
        todo,
        script={"t1": [a_failure(FailureKind.REJECTED)], "t2": [a_failure(FailureKind.TRANSIENT)] * 9},
    )
    notes = Notebook()

    await apply(a_site(api, notes), todo)

    assert {"t0", "t3", "t4"} == {event.task_id for event in notes.of(ChangeAcked)}
    assert {"t1": "rejected", "t2": "transient"} == {e.task_id: e.failure for e in notes.of(ChangeFailed)}


async def test_a_bug_in_one_task_is_kept_and_the_others_finish():
    todo = changes(5)
    api = api_for(todo, script={"t1": [ZeroDivisionError("oops")]})
    notes = Notebook()

    await apply(a_site(api, notes, concurrency=2), todo)

    assert len(notes.of(ChangeAcked)) == 4
    assert ["internal"] == [event.failure for event in notes.of(ChangeFailed)]
    assert [ZeroDivisionError] == [type(bug) for bug in notes.conduct.bugs]


async def test_the_first_refused_credential_stops_all_sending():
    todo = changes(50)
    api = api_for(todo, script={"t0": [a_failure(FailureKind.DENIED)]})
    notes = Notebook()

    await apply(a_site(api, notes, concurrency=4), todo)

    assert notes.stopped_with == 77
    assert len(api.puts) <= 4


async def test_a_lost_answer_stays_unknown_even_if_a_later_attempt_is_not_sent():
    todo = changes(1)
    api = api_for(todo, script={"t0": [a_failure(FailureKind.LOST), *[a_failure(FailureKind.NOT_SENT)] * 9]})
    notes = Notebook()

    sent = await apply(a_site(api, notes), todo)

    assert [todo[0]] == sent.lost
    assert len(notes.of(ChangeLost)) == 1
    assert not notes.of(ChangeFailed)


async def test_a_task_that_is_gone_is_no_failure():
    todo = changes(1)
    notes = Notebook()

    await apply(a_site(api_for(todo, script={"t0": [a_failure(FailureKind.GONE)]}), notes), todo)

    assert len(notes.of(ChangeGone)) == 1
    assert not notes.of(ChangeFailed)


async def test_a_stop_lets_requests_in_flight_finish_and_starts_no_more():
    todo = changes(20)
    notes = Notebook()

    def stop_at_third(_task_id: str) -> None:
        if len(api.puts) == 2:
            notes.stop.ask(RunStopped(exit_code=143, message="SIGTERM"))

    api = api_for(todo, before_put=stop_at_third)

    await apply(a_site(api, notes, concurrency=2), todo)

    assert len(api.puts) == len(notes.of(ChangeAcked)) <= 4


async def test_a_stop_during_the_wait_for_a_retry_settles_the_change():
    todo = changes(1)
    notes = Notebook()
    notes.conduct = replace(notes.conduct, jitter=lambda: 0.9)
    failure = a_failure(FailureKind.TRANSIENT)

    def stop(_task_id: str) -> None:
        notes.stop.ask(RunStopped(exit_code=130, message="SIGINT"))

    await apply(a_site(api_for(todo, script={"t0": [failure]}, before_put=stop), notes), todo)

    assert ["transient"] == [event.failure for event in notes.of(ChangeFailed)]


@pytest.mark.parametrize("concurrency", [1, 2])
@pytest.mark.parametrize("is_unlimited", [True, False])
async def test_a_journal_that_fails_ends_all_sending(is_unlimited, concurrency):
    todo = changes(20)
    api = api_for(todo, latency_s=applying.SPARE_S * 8)
    notes = Notebook(BrokenJournal(good=3))

    with pytest.raises(JournalError):
        await apply(a_site(api, notes, concurrency=concurrency, is_unlimited=is_unlimited), todo)

    assert len(api.puts) == 3
    assert {event.task_id for event in notes.of(ChangeAcked)} == {task_id for task_id, _ in api.puts}, "all is heard"
    assert notes.stopped_with == 74
    begun = {event.task_id for event in notes.of(ChangeAttempted)}
    unsent = {event.task_id for event in notes.of(ChangeWithdrawn)}
    assert notes.of(ChangeFailed) == []
    assert unsent == begun - {task_id for task_id, _ in api.puts}, "of each it is known that it was not sent"


async def test_a_journal_that_fails_for_one_worker_lets_the_others_hear_their_answers():
    has_failed = asyncio.Event()

    class Journal(BrokenJournal):
        async def flushed(self, number=None):
            try:
                await super().flushed(number)
            except JournalError:
                has_failed.set()
                raise

    class Api(FakeApi):
        async def set_mode(self, task_id, mode):
            answer = await super().set_mode(task_id, mode)
            await has_failed.wait()
            for _ in range(20):  # time enough for whoever would cut it off
                await asyncio.sleep(0)
            return answer

    todo = changes(2)
    notes = Notebook(Journal(good=1))

    with pytest.raises(JournalError):
        await apply(a_site(Api.of([change.task for change in todo]), notes, concurrency=2), todo)

    assert len(notes.of(ChangeAcked)) == 1


async def test_a_second_attempt_that_cannot_be_recorded_leaves_the_first_one_unknown():
    todo = changes(1)
    notes = Notebook(BrokenJournal(good=1))
    api = api_for(todo, script={"t0": [a_failure(FailureKind.LOST)]})

    with pytest.raises(JournalError):
        await apply(a_site(api, notes), todo)

    assert len(api.puts) == 1
    assert [event.attempt for event in notes.of(ChangeWithdrawn)] == [2]
    assert notes.of(ChangeFailed) == notes.of(ChangeLost) == []


@pytest.mark.parametrize(
    ("before", "unread"),
    [([], ""), ([a_failure(FailureKind.TRANSIENT)], "failed"), ([a_failure(FailureKind.LOST)], "lost")],
)
async def test_a_change_whose_request_never_left_is_withdrawn_and_an_earlier_one_counts(before, unread):
    todo = changes(1)
    api = api_for(todo, script={"t0": [*before, a_failure(FailureKind.WITHDRAWN)]})
    notes = Notebook()

    sent = await apply(a_site(api, notes), todo)

    assert [event.attempt for event in notes.of(ChangeWithdrawn)] == [len(before) + 1]
    assert (len(notes.of(ChangeFailed)), len(notes.of(ChangeLost))) == (unread == "failed", unread == "lost")
    assert (list(sent.failed), list(sent.lost)) == ([*todo] * (unread == "failed"), [*todo] * (unread == "lost"))


async def test_a_lost_put_that_was_taken_is_acked_by_reading_and_not_sent_again():
    todo = changes(1)
    notes = Notebook()
    api = api_for(todo, script={"t0": [a_failure(FailureKind.LOST, "applied")]})

    await apply(a_site(api, notes), todo)

    assert 1 == len(api.puts)
    assert [True] == [event.by_read_back for event in notes.of(ChangeAcked)]


async def test_a_lost_put_that_was_not_taken_is_sent_again():
    todo = changes(1)
    notes = Notebook()
    api = api_for(todo, script={"t0": [a_failure(FailureKind.LOST)]})

    await apply(a_site(api, notes), todo)

    assert 2 == len(api.puts)
    assert [False] == [event.by_read_back for event in notes.of(ChangeAcked)]


async def test_a_lost_put_that_cannot_be_looked_up_stays_unknown_and_is_not_sent_again():
    todo = changes(1)
    notes = Notebook()
    api = api_for(
        todo,
        script={
            "t0": [a_failure(FailureKind.LOST)],
            "show t0": [a_failure(FailureKind.REJECTED)],
        },
    )

    await apply(a_site(api, notes), todo)

    assert 1 == len(api.puts)
    assert 1 == len(notes.of(ChangeLost))


async def test_a_500_after_a_lost_put_is_read_before_it_is_sent_again():
    todo = changes(1)
    notes = Notebook()
    api = api_for(todo, script={"t0": [a_failure(FailureKind.LOST), a_failure(FailureKind.TRANSIENT)]})

    await apply(a_site(api, notes), todo)

    assert 2 == api.calls["show"]


async def test_throttling_costs_no_attempt():
    todo = changes(1)
    notes = Notebook()
    api = api_for(todo, script={"t0": [a_failure(FailureKind.THROTTLED)] * 20})

    await apply(a_site(api, notes), todo)

    assert [21] == [event.attempt for event in notes.of(ChangeAcked)]


async def test_renewed_credentials_are_recorded_and_the_change_goes_on():
    todo = changes(1)
    notes = Notebook()
    api = api_for(todo, script={"t0": [a_failure(FailureKind.RENEWED, "renewed from files")]})

    await apply(a_site(api, notes), todo)

    assert ["renewed from files"] == [event.message for event in notes.of(CredentialsRefreshed)]
    assert 1 == len(notes.of(ChangeAcked))


async def test_the_end_of_credentials_is_told_once_for_each_of_them():
    todo = changes(4)
    notes = Notebook()
    api = api_for(todo, expires_at=1_000.0)
    api.before_put = lambda task_id: setattr(api, "expires_at", 1_000.0 if task_id in {"t0", "t1"} else 2_000.0)

    await apply(a_site(api, notes, concurrency=1), todo)

    assert [1_000.0, 2_000.0] == [event.expires_at for event in notes.of(CredentialsDated)]


async def test_a_clock_that_is_off_is_told_once_and_changes_nothing_else():
    todo = changes(3)
    api, notes = api_for(todo, skew_s=-75.04), Notebook()

    sent = await apply(a_site(api, notes), todo)

    assert len(sent.acked) == 3
    assert notes.of(ClockSkewed) == [ClockSkewed(target="prod", skew_s=-75.0)]
    assert notes.stopped_with is None


async def test_an_outage_opens_the_breaker_and_the_rest_is_not_attempted():
    todo = changes(50)
    notes = Notebook()
    api = api_for(todo, script={f"t{n}": [a_failure(FailureKind.NOT_SENT)] * 9 for n in range(50)})

    await apply(a_site(api, notes, concurrency=4), todo)

    assert 1 == len(notes.of(BreakerOpened))
    assert [5] == [event.exit_code for event in notes.of(RunStopped)]
    assert len(api.puts) <= 8 + 4


async def test_an_outage_of_one_target_does_not_stop_the_run():
    todo = changes(20)
    notes = Notebook()
    api = api_for(todo, script={f"t{n}": [a_failure(FailureKind.NOT_SENT)] * 9 for n in range(20)})

    await apply(a_site(api, notes), todo)

    assert not notes.stop.is_set


async def test_changes_that_are_all_forbidden_stop_the_target_with_77():
    todo = changes(20)
    notes = Notebook()
    refusal = a_failure(FailureKind.REJECTED, "not allowed", http_status=403, error_code="DCS.2003")
    api = api_for(todo, script={f"t{n}": [refusal] for n in range(20)})

    await apply(a_site(api, notes, concurrency=1), todo)

    assert [77] == [event.exit_code for event in notes.of(RunStopped)]
    assert 3 == len(api.puts)


async def test_an_old_row_is_looked_at_again_and_what_is_right_by_now_is_not_sent():
    todo = changes(2)
    notes = Notebook()
    api = api_for(todo)
    api.tasks["t0"] = replace(api.tasks["t0"], resume_mode=ResumeMode.AUTO)

    await apply(a_site(api, notes), todo, age_s=SNAPSHOT_S + 1)

    assert ["t1"] == [task_id for task_id, _ in api.puts]
    assert ["t0"] == [event.task_id for event in notes.of(ChangeVerified)]


async def test_many_old_rows_are_listed_again_and_not_looked_at_one_by_one():
    todo = changes(30)
    notes = Notebook()
    api = api_for(todo)
    api.tasks["t7"] = replace(api.tasks["t7"], resume_mode=ResumeMode.AUTO)
    del api.tasks["t9"]
    api.tasks["t11"] = replace(api.tasks["t11"], resume_mode=None)

    sent = await apply(a_site(api, notes), todo, age_s=SNAPSHOT_S + 1)

    # What the list does not have, or not with a mode, is looked up.
    assert (api.calls["list"], api.calls["show"]) == (1, 2)
    assert ["t11", "t7"] == sorted(event.task_id for event in notes.of(ChangeVerified))
    assert ["t9"] == [event.task_id for event in notes.of(ChangeGone)]
    assert len(sent.acked) == len(api.puts) == 27


@pytest.mark.parametrize("others", [0, 500])
async def test_old_rows_are_looked_at_one_by_one_where_no_list_is_to_be_had_or_it_is_too_long(others):
    todo = changes(3)
    notes = Notebook()
    api = FakeApi.of([*(change.task for change in todo), *(a_task(f"other{number}") for number in range(others))])
    api.script = {} if others else {"list": [a_failure(FailureKind.REJECTED)]}

    sent = await apply(a_site(api, notes, concurrency=1), todo, age_s=SNAPSHOT_S + 1)

    assert (api.calls["list"], api.calls["show"]) == (1, 3)
    assert len(sent.acked) == 3


async def test_an_old_row_whose_task_is_gone_is_not_sent():
    todo = changes(1)
    notes = Notebook()
    api = api_for(todo)
    del api.tasks["t0"]

    await apply(a_site(api, notes), todo, age_s=SNAPSHOT_S + 1)

    assert not api.puts
    assert 1 == len(notes.of(ChangeGone))


@pytest.mark.parametrize("attempts", [0, 1])
async def test_a_window_that_begins_meanwhile_ends_the_sending_in_its_direction(attempts):
    """It is asked for again before every PUT, the repeated ones too: an hour may have passed since the last."""
    todo = changes(3)
    asked = []

    def hold(change):
        asked.append(change.task.task_id)
        return "frozen until 20:00 UTC" if len(api.puts) >= 1 + attempts else None

    api = api_for(todo, script={"t0": [a_failure(FailureKind.TRANSIENT)] * 5 * attempts})
    notes = Notebook()
    await apply(a_site(api, notes, concurrency=1), todo, hold)

    assert [task_id for task_id, _ in api.puts] == ["t0"] * (1 + attempts)
    assert {event.task_id: event.reason for event in notes.of(ChangeDeferred)} == dict.fromkeys(
        ["t1", "t2"], "frozen until 20:00 UTC"
    )
    # What was tried already ends as it stood.
    assert [event.task_id for event in notes.of(ChangeFailed)] == ["t0"] * attempts
    assert len(asked) > len(todo)


class Asking:
    """A condition that *why* breaks; it remembers what it was asked about."""

    def __init__(self, why=None):
        self.why = why
        self.asked = []

    def broken(self, change, task):
        self.asked.append(task)
        return self.why


def conditional(condition):
    return [replace(change, condition=condition) for change in changes(1)]


async def test_a_change_with_a_condition_is_looked_at_just_before_it_is_sent():
    condition = Asking()
    todo = conditional(condition)
    api = api_for(todo)

    sent = await apply(a_site(api, Notebook()), todo)

    assert (1, 1) == (api.calls["show"], len(sent.acked))
    assert [ResumeMode.MANUAL] == [task.resume_mode for task in condition.asked]


async def test_a_change_whose_condition_is_broken_is_skipped_with_the_reason():
    todo = conditional(Asking("its status is SUCCESS"))
    api, notes = api_for(todo), Notebook()

    sent = await apply(a_site(api, notes), todo)

    assert ([], ()) == (api.puts, sent.unsettled)
    assert ["its status is SUCCESS"] == [event.reason for event in notes.of(ChangeSkipped)]


async def test_without_a_limit_too_a_condition_is_asked_about_before_anything_is_on_record():
    todo = [replace(change, condition=Asking("its status is SUCCESS")) for change in changes(8)]
    todo[0] = replace(todo[0], condition=None)
    api, notes = api_for(todo, latency_s=applying.SPARE_S * 8), Notebook()

    await apply(a_site(api, notes, concurrency=1, is_unlimited=True), todo)

    assert [task_id for task_id, _ in api.puts] == ["t0"]
    assert [event.task_id for event in notes.of(ChangeAttempted)] == ["t0"]
    assert len(notes.of(ChangeSkipped)) == 7


async def test_a_task_that_cannot_be_looked_up_does_not_meet_its_condition():
    todo = conditional(Asking())
    api, notes = api_for(todo, script={"show t0": [a_failure(FailureKind.REJECTED, "403")]}), Notebook()

    await apply(a_site(api, notes), todo)

    assert [] == api.puts
    assert ["it could not be looked up just before its change: 403"] == [e.reason for e in notes.of(ChangeSkipped)]


async def test_a_task_that_is_gone_or_as_wanted_by_then_is_called_that():
    gone, done = conditional(Asking()), conditional(Asking())
    notes = Notebook()

    await apply(a_site(FakeApi.of([]), notes), gone)
    await apply(a_site(FakeApi.of([replace(done[0].task, resume_mode=ResumeMode.AUTO)]), notes), done)

    assert (1, 1) == (len(notes.of(ChangeGone)), len(notes.of(ChangeVerified)))


async def test_a_stop_leaves_a_change_with_a_condition_untouched():
    todo = conditional(Asking())
    notes = Notebook()
    api = api_for(todo)

    async def show(_task_id):
        notes.stop.ask(RunStopped(exit_code=130, message="SIGINT received"))
        return a_failure(FailureKind.TRANSIENT)

    api.show = show
    await apply(a_site(api, notes), todo)

    assert ([], []) == (api.puts, notes.of(ChangeSkipped))

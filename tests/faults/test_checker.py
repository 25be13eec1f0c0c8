"""Each law catches the history that breaks it, and an honest one breaks none."""

import base64
import copy
import urllib.parse
from dataclasses import replace

import pytest
from msgspec import structs

from enforcer.model.event import (
    BreakerOpened,
    ChangeAttempted,
    ChangeFailed,
    ChangeLost,
    ChangeVerified,
    RunFinished,
    RunStopped,
)
from tests.faults import actions
from tests.faults.access import SK
from tests.faults.checker import LAWS, check
from tests.faults.course import run
from tests.faults.rules import Rule, Scenario
from tests.faults.store import Store


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """The history of a run in which one answer was lost after the change, and one throttled."""
    rules = [
        Rule(kind="put", nth=2, do=actions.apply_then_close),
        Rule(kind="put", nth=4, do=actions.throttled()),
        Rule(kind="put", nth=6, do=actions.status(503)),
    ]
    return run(tmp_path_factory.mktemp("honest"), Scenario(rules=rules), Store(4, hide_mode=1))


@pytest.fixture
def history(honest):
    """A copy to be doctored."""
    return copy.deepcopy(honest)


def test_an_honest_history_breaks_no_law(honest):
    assert check(honest) == []
    assert {record.action for record in honest.records} >= {"apply_then_close"}
    assert honest.events("change.acked", "attempt.failed", "throttle.gated")


def broken(history):
    return {sentence.partition(":")[0] for sentence in check(history)}


def edit(history, kind, **fields):
    """Replace fields of the first event of *kind* and return it as it was."""
    index = next(i for i, entry in enumerate(history.entries) if isinstance(entry.event, kind))
    old = history.entries[index].event
    history.entries[index] = structs.replace(history.entries[index], event=structs.replace(old, **fields))
    return old


def become(history, task_id, state):
    """Let the report say that a change ended in *state*."""
    (target,) = history.report["targets"]
    task = next(task for task in target["tasks"] if task["task_id"] == task_id)
    for totals in (history.report["totals"], target["totals"]):
        totals[task["state"]] -= 1
        totals[state] += 1
    task["state"] = state


def last_event(history, task_id):
    return max(i for i, entry in enumerate(history.entries) if getattr(entry.event, "task_id", None) == task_id)


def end_with(history, task_id, event, state):
    """Let journal and report agree that a change ended with *event*, and the exit code too."""
    index = last_event(history, task_id)
    history.entries[index] = structs.replace(history.entries[index], event=event)
    become(history, task_id, state)
    exits_with(history, 3)


def exits_with(history, code):
    history.code = code
    history.report["exit"]["code"] = code
    edit(history, RunFinished, exit_code=code)


def first_put(history):
    return history.puts[0]


def sent_twice(h):
    h.records.append(replace(first_put(h), number=99, action="again"))


def never_came(h):
    taken = next(put for put in h.puts if put.status == 200)
    h.records.remove(taken)


def before_its_intent(h):
    first_put(h).wall -= 1.0


def acked_and_never_done(h):
    put = next(put for put in h.puts if put.status == 200)
    become(h, put.task_id, "acked")
    put.applied = put.telling = False


def verified_unseen(h):
    for record in h.records:
        record.shown = {}


def failed_and_done(h):
    put = next(put for put in h.puts if put.applied)
    failed = ChangeFailed(target="eu-west-101", task_id=put.task_id, failure="rejected", message="no", http_status=400)
    end_with(h, put.task_id, failed, "failed")


def unknown_and_answered(h):
    put = next(p for p in h.puts if p.status == 200 and len(h.puts_of(p.task_id)) == 1)
    end_with(h, put.task_id, ChangeLost(target="eu-west-101", task_id=put.task_id, message="lost"), "unknown")


def verified_and_not_in_the_store(h):
    h.after[first_put(h).task_id] = "other"


def a_stranger_was_touched(h):
    untouched = next(task_id for task_id in h.before if not h.puts_of(task_id))
    h.after[untouched] = "other"


def totals_lost_one(h):
    h.report["totals"]["verified"] -= 1


def listed_lost_one(h):
    h.report["targets"][0]["totals"]["listed"] += 1


def the_report_tells_another_story(h):
    become(h, first_put(h).task_id, "mismatch")


def an_event_is_missing(h):
    del h.entries[len(h.entries) // 2]


def too_fast(h):
    h.rate = (2, 60.0)


def too_many_at_once(h):
    for put in h.puts:
        put.at, put.done_at = h.records[0].at, h.records[0].at + 9
    h.concurrency = 2


def another_method(h):
    first_put(h).method = "DELETE"


def another_path(h):
    h.records[0].target += "&name=x"


def another_body(h):
    first_put(h).body = b"{}"


def the_wrong_way(h):
    put = first_put(h)
    put.body = {b'{"resume_mode":"auto"}': b'{"resume_mode":"manual"}'}.get(put.body, b'{"resume_mode":"auto"}')


def a_task_that_never_was(h):
    h.ever.discard(first_put(h).task_id)


def secret_in_the_clear(h):
    h.written["stdout"] += SK.encode()


def secret_in_base64(h):
    h.written["stderr"] += base64.b64encode(b"ab" + SK.encode() + b"tail")


def secret_percent_encoded(h):
    h.written["state/journal.db"] += urllib.parse.quote(SK, safe="").encode()


def a_signature(h):
    h.written["log.jsonl"] += h.records[0].headers["authorization"][-64:].encode()


def better_than_it_was(h):
    edit(h, ChangeVerified, observed="auto")
    become(h, first_put(h).task_id, "failed")


def another_code(h):
    h.code = 5


def no_json(h):
    h.log += b"warning: something\n"


def unknown_event(h):
    h.log += b'{"timestamp":"x","level":"info","event":"thing.happened","run_id":"x"}\n'


def unknown_field(h):
    h.log += b'{"timestamp":"x","level":"info","event":"run.finished","run_id":"x","authorization":"x"}\n'


def a_traceback(h):
    h.written["stderr"] += b"Traceback (most recent call last):\n"


def an_intent_after_the_stop(h):
    index = next(i for i, entry in enumerate(h.entries) if isinstance(entry.event, ChangeAttempted))
    stop = BreakerOpened(target="eu-west-101", message="made up")
    h.entries.insert(index, structs.replace(h.entries[index], seq=h.entries[index].seq - 0.5, event=stop))


def requests_after_the_stop(h):
    stop = RunStopped(exit_code=5, message="made up")
    h.entries[1] = structs.replace(h.entries[1], event=stop)
    h.entries = [entry for entry in h.entries if not isinstance(entry.event, ChangeAttempted)]


@pytest.mark.parametrize(
    ("law", "doctor"),
    [
        *(("C1", each) for each in (sent_twice, never_came, before_its_intent)),
        *(("C2", each) for each in (acked_and_never_done, verified_unseen)),
        ("C3", failed_and_done),
        ("C4", unknown_and_answered),
        *(("C5", each) for each in (verified_and_not_in_the_store, a_stranger_was_touched)),
        *(("C6", each) for each in (totals_lost_one, listed_lost_one, the_report_tells_another_story)),
        ("C6", an_event_is_missing),
        *(("C7", each) for each in (too_fast, too_many_at_once)),
        *(("C8", each) for each in (another_method, another_path, another_body, the_wrong_way, a_task_that_never_was)),
        *(("C9", each) for each in (secret_in_the_clear, secret_in_base64, secret_percent_encoded, a_signature)),
        *(("C10", each) for each in (better_than_it_was, another_code)),
        *(("C11", each) for each in (no_json, unknown_event, unknown_field, a_traceback)),
        *(("C12", each) for each in (an_intent_after_the_stop, requests_after_the_stop)),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_doctored_history_is_caught_by_its_law(history, law, doctor):
    doctor(history)

    assert law in broken(history), check(history)


def test_every_law_has_a_history_that_breaks_it():
    (marks,) = test_a_doctored_history_is_caught_by_its_law.pytestmark
    assert {law for law, _ in marks.args[1]} == set(LAWS)


def test_a_lost_attempt_may_or_may_not_have_come(history):
    # The lost PUT of the honest history: the server saw it, but had it not, nobody could tell.
    lost = next(put for put in history.puts if put.status is None)
    history.records.remove(lost)

    assert "C1" not in broken(history)

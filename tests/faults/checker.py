"""The laws that every run has to keep, whatever went wrong in it. A check returns sentences; none is well.

It folds the journal itself and trusts neither the report nor the tool's own arithmetic.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from enforcer.core.fold.headway import Status
from enforcer.model import event as events
from enforcer.model.event import EVENTS, LATER
from tests.faults.disguises import disguises
from tests.faults.history import History
from tests.faults.ledger import Record

BODIES: Final = {"auto": b'{"resume_mode":"auto"}', "manual": b'{"resume_mode":"manual"}'}
STATES: Final = (
    *("verified", "acked", "mismatch", "failed", "unknown", "gone", "skipped", "deferred"),
    "not_attempted",
)
_ANSWERS: Final = (
    events.AttemptFailed,
    events.ChangeAcked,
    events.ChangeFailed,
    events.ChangeLost,
    events.ChangeWithdrawn,
    events.ChangeGone,
)
_PRECEDENCE: Final = (74, 70, 77, 76, 5, 143, 130, 4)
_CONTEXT: Final = {"timestamp", "level", "event", "run_id", "target"}
_ABOUT_A_TASK: Final = {"task_id", "task_name", "before", "desired", "rule"}
_TOLERANCE_S: Final = 0.05
_CLOCK_S: Final = 0.002
"""The journal has whole milliseconds somewhere on its way, and two clocks are compared."""


def check(history: History) -> list[str]:
    """Return what is wrong with *history*, each with the law that it breaks."""
    if not history.report.get("totals"):
        said = history.written.get("stderr", b"")[-300:].decode(errors="replace")
        return [f"C6: there is no report of a run that has a journal; exit {history.code}, and it said: {said}"]
    return [f"{name}: {sentence}" for name, law in LAWS.items() for sentence in law(history)]


def c1_every_put_is_one_recorded_attempt(h: History) -> Iterator[str]:
    attempts = _attempts(h)
    for task_id in {put.task_id or "" for put in h.puts} | set(attempts):
        puts, recorded = h.puts_of(task_id), attempts.get(task_id, [])
        may, must = [a for a in recorded if not a.surely_not_sent], [a for a in recorded if a.surely_sent]
        if not len(must) <= len(puts) <= len(may):
            yield f"{len(puts)} PUTs of {task_id} came, and {len(must)} to {len(may)} attempts were sent"
        for put, intent in zip(puts, may, strict=False):
            if intent.at > put.wall + _CLOCK_S:
                yield f"PUT {put.number} of {task_id} came {intent.at - put.wall:.3f} s before its intent was recorded"


def c2_what_is_done_was_done(h: History) -> Iterator[str]:
    for task in h.in_state("acked", "verified", "mismatch"):
        task_id, desired = task["task_id"], task["desired"]
        puts = [put for put in h.puts_of(task_id) if put.body == BODIES[desired]]
        taken = any(put.applied or (put.telling and put.status in {200, 202, 204}) for put in puts)
        if task["state"] == "acked" and not taken:
            yield f"{task_id} is acked, and no PUT of it was applied or acknowledged"
        since = puts[0].at if puts else 0.0
        shown = {each.shown[task_id] for each in h.records if each.at >= since and task_id in each.shown}
        if task["state"] == "verified" and desired not in shown:
            yield f"{task_id} is verified, and no read showed it as {desired}"
        if task["state"] == "mismatch" and not shown - {desired}:
            yield f"{task_id} is a mismatch, and no read showed anything but {desired}"
    for acked in h.events("change.acked"):
        if acked.by_read_back and acked.task_id not in {each for record in h.records for each in record.shown}:
            yield f"{acked.task_id} is acked by a read-back that never was"


def c3_what_failed_was_not_done(h: History) -> Iterator[str]:
    for task in h.in_state("failed", "skipped", "not_attempted"):
        done = [put.number for put in h.puts_of(task["task_id"]) if put.applied]
        if done:
            yield f"{task['task_id']} is {task['state']}, and PUT {done[0]} of it was applied"
    for task in h.in_state("skipped", "not_attempted"):
        if h.puts_of(task["task_id"]):
            yield f"{task['task_id']} is {task['state']}, and a PUT of it came"


def c4_unknown_is_what_nobody_can_know(h: History) -> Iterator[str]:
    attempts = _attempts(h)
    for task in h.in_state("unknown"):
        puts = h.puts_of(task["task_id"])
        unheard = len([a for a in attempts.get(task["task_id"], []) if not a.surely_not_sent]) - len(puts)
        if unheard <= 0 and all(put.telling for put in puts):
            yield f"{task['task_id']} is unknown, and each of its {len(puts)} PUTs was answered"


def c5_the_store_is_as_reported(h: History) -> Iterator[str]:
    planned = {task["task_id"] for task in h.tasks}
    for task in h.in_state("verified"):
        task_id = task["task_id"]
        if task_id not in h.meddled and h.after.get(task_id) != task["desired"]:
            yield f"{task_id} is verified as {task['desired']}, and the store has {h.after.get(task_id)}"
    for task in h.tasks:
        if h.desired.get(task["task_id"]) != task["desired"]:
            yield f"{task['task_id']} is to be {task['desired']}, which the policy does not ask for"
    sent = {put.task_id for put in h.puts}
    for task_id, mode in h.before.items():
        if task_id not in sent and task_id not in h.meddled and h.after.get(task_id) != mode:
            yield f"{task_id} was not touched, and went from {mode} to {h.after.get(task_id)}"
    for task_id in sent - planned:
        yield f"a PUT for {task_id} came, which is not in the plan"


def c6_nothing_is_lost(h: History) -> Iterator[str]:
    for name, totals, tasks in _sums(h.report):
        states = Counter(task["state"] for task in tasks)
        if totals["planned"] != len(tasks) or any(totals[state] != states[state] for state in STATES):
            yield f"{name}: the totals {totals} are not the states of its {len(tasks)} changes"
        if totals["listed"] != totals["in_sync"] + totals["left"] + totals["planned"]:
            yield f"{name}: {totals['listed']} are listed, which is not in_sync + left + planned"
    folded = _states(h)
    if folded != h.states():
        wrong = {key for key in folded | h.states() if folded.get(key) != h.states().get(key)}
        yield f"journal and report disagree about {sorted(wrong)}"
    counted = {target["name"]: target["requests"]["put"] for target in h.report["targets"]}
    for name, number in counted.items():
        recorded, withdrawn = (
            sum(event.target == name for event in h.events(kind)) for kind in ("change.attempted", "change.withdrawn")
        )
        if number != recorded - withdrawn:
            yield f"{name}: the report counts {number} PUTs and the journal {recorded} less {withdrawn}"
    own = [entry.seq for entry in h.entries if entry.seq < LATER]
    if own != list(range(1, len(own) + 1)):
        yield "the events are not numbered without gaps"


def c7_rate_and_concurrency_are_kept(h: History) -> Iterator[str]:
    if h.rate is not None:
        yield from _bursts([record.at for record in h.records], per_s=h.rate[0] / h.rate[1], spare=1 + h.concurrency)
    peak = _peak(h.records)
    if peak > h.concurrency:
        yield f"{peak} requests were in flight, where {h.concurrency} are allowed"


def c8_only_known_requests_are_sent(h: History) -> Iterator[str]:
    listing = re.compile(rf"/v2/{h.project_id}/migration-tasks\?limit=[1-9]\d{{0,3}}&offset=\d+", re.ASCII)
    one = re.compile(rf"/v2/{h.project_id}/migration-task/([A-Za-z0-9][A-Za-z0-9_-]{{0,127}})", re.ASCII)
    for record in h.records:
        task = one.fullmatch(record.target)
        if record.method == "GET" and record.body == b"" and (listing.fullmatch(record.target) or task):
            pass
        elif record.method == "PUT" and task and record.body in BODIES.values():
            if record.body != BODIES.get(h.desired.get(task[1], "")):
                yield f"PUT {record.number} sets {task[1]} to what the policy does not ask for"
        else:
            yield f"request {record.number} is {record.method} {record.target[:120]} with {len(record.body)} bytes"
        if task and task[1] not in h.ever:
            yield f"request {record.number} names a task that never was: {task[1]}"


def c9_no_secret_is_written(h: History) -> Iterator[str]:
    signatures = {
        found[1]
        for record in h.records
        if (found := re.search(r"Signature=([0-9a-f]{64})", record.headers.get("authorization", "")))
    }
    for name, data in h.written.items():
        for secret in (*h.secrets, *signatures):
            if any(each in data for each in disguises(secret)):
                yield f"{name} has the secret {secret[:10]}... in it"


def c10_the_exit_code_is_deserved(h: History) -> Iterator[str]:
    deserved = _deserved(h.report)
    if h.code != deserved:
        yield f"the exit code is {h.code}, and the report deserves {deserved}"
    if h.report["exit"]["code"] != h.code:
        yield f"the exit code is {h.code}, and the report says {h.report['exit']['code']}"
    finished = [event.exit_code for event in h.events("run.finished")]
    if finished != [h.code]:
        yield f"the exit code is {h.code}, and the journal says {finished}"
    if h.events("breaker.opened") and h.code not in _PRECEDENCE[:5]:
        yield f"a breaker has opened, and the exit code is {h.code}"


_LINES: dict[str, type[Any]] = {**EVENTS, "progress": Status}
"""What a line of the log may tell: events, and how far a target is."""


def c11_the_log_is_sound(h: History) -> Iterator[str]:
    for number, line in enumerate(h.log.splitlines(), start=1):
        try:
            entry = msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.MsgspecError as wrong:
            yield f"line {number} of the log is no JSON object: {wrong}"
            continue
        kind = _LINES.get(entry.get("event", ""))
        if kind is None:
            yield f"line {number} of the log has the unknown event {entry.get('event')!r}"
            continue
        known = set(kind.__struct_fields__) | _CONTEXT | _ABOUT_A_TASK
        if not {"timestamp", "level", "run_id"} <= set(entry) <= known:
            odd = sorted(set(entry) ^ known)[:8]
            yield f"line {number} of the log, {entry['event']}, has the fields {odd} too many or too few"
        if len(line) > 16_384:
            yield f"line {number} of the log is {len(line)} bytes long"
    for name, data in h.written.items():
        if b"Traceback (most recent call last)" in data:
            yield f"{name} has a traceback in it"


def c12_a_stop_is_a_stop(h: History) -> Iterator[str]:
    stops = [entry for entry in h.entries if isinstance(entry.event, events.RunStopped | events.BreakerOpened)]
    if not stops:
        return
    late = [entry.event.task_id for entry in h.entries if entry.seq > stops[0].seq and _is_intent(entry.event)]
    if late:
        yield f"attempts are recorded after the stop: {late[:3]}"
    after = [record for record in h.records if record.wall > stops[0].at + _CLOCK_S]
    if len(after) >= h.concurrency + (h.concurrency == 1):
        yield f"{len(after)} requests came after the stop, with {h.concurrency} workers"


LAWS: dict[str, Callable[[History], Iterator[str]]] = {
    "C1": c1_every_put_is_one_recorded_attempt,
    "C2": c2_what_is_done_was_done,
    "C3": c3_what_failed_was_not_done,
    "C4": c4_unknown_is_what_nobody_can_know,
    "C5": c5_the_store_is_as_reported,
    "C6": c6_nothing_is_lost,
    "C7": c7_rate_and_concurrency_are_kept,
    "C8": c8_only_known_requests_are_sent,
    "C9": c9_no_secret_is_written,
    "C10": c10_the_exit_code_is_deserved,
    "C11": c11_the_log_is_sound,
    "C12": c12_a_stop_is_a_stop,
}


class _Attempt:
    """One recorded intent, and what its answer says about whether a request left."""

    def __init__(self, at: float) -> None:
        self.at = at
        self.surely_not_sent = False
        self.surely_sent = False

    def answered(self, event: Any) -> None:
        is_withdrawn = isinstance(event, events.ChangeWithdrawn)
        self.surely_not_sent = is_withdrawn or getattr(event, "failure", None) == "not_sent"
        self.surely_sent = (
            not is_withdrawn and event.http_status is not None and not getattr(event, "by_read_back", False)
        )


def _attempts(h: History) -> dict[str, list[_Attempt]]:
    found: dict[str, list[_Attempt]] = {}
    open_ones: dict[str, _Attempt] = {}
    for entry in h.entries:
        event = entry.event
        if isinstance(event, events.ChangeAttempted):
            open_ones[event.task_id] = _Attempt(entry.at)
            found.setdefault(event.task_id, []).append(open_ones[event.task_id])
        elif isinstance(event, _ANSWERS) and event.task_id in open_ones:
            open_ones.pop(event.task_id).answered(event)
    return found


def _states(h: History) -> dict[str, str]:
    """Fold the journal: the state of a change is that of its last event."""
    states: dict[str, str] = {}
    lost: set[str] = set()
    in_flight: set[str] = set()
    failed: set[str] = set()
    settled = {
        "change.planned": "not_attempted",
        "change.skipped": "skipped",
        "change.acked": "acked",
        "change.failed": "failed",
        "change.lost": "unknown",
        "change.gone": "gone",
        "change.verified": "verified",
        "change.mismatched": "mismatch",
    }
    for entry in h.entries:
        event = entry.event
        task_id = getattr(event, "task_id", None)
        if task_id is None:
            continue
        if event.kind in settled:
            states[task_id] = settled[event.kind]
            in_flight.discard(task_id)
        elif isinstance(event, events.ChangeAttempted):
            lost |= in_flight & {task_id}
            in_flight.add(task_id)
            states[task_id] = "unknown"
        elif isinstance(event, events.AttemptFailed):
            in_flight.discard(task_id)
            lost |= {task_id} if event.failure == "lost" else set()
            failed.add(task_id)
            states[task_id] = "unknown" if task_id in lost else "failed"
        elif isinstance(event, events.ChangeWithdrawn):
            in_flight.discard(task_id)
            states[task_id] = "unknown" if task_id in lost else "failed" if task_id in failed else "not_attempted"
    return states


def _sums(report: dict[str, Any]) -> Iterator[tuple[str, dict[str, int], list[dict[str, Any]]]]:
    yield "the run", report["totals"], [task for target in report["targets"] for task in target["tasks"]]
    for target in report["targets"]:
        yield target["name"], target["totals"], target["tasks"]


def _deserved(report: dict[str, Any]) -> int:
    """Work out the exit code from states and notices, as docs/commands.md has it."""
    codes = {notice["exit_code"] for notice in report["notices"]}
    for code in _PRECEDENCE:
        if code in codes:
            return code
    if not any(target["inventory"] for target in report["targets"]):
        for code in (78, 69):
            if code in codes:
                return code
    unstable = any(target["inventory"] and not target["inventory"]["stable"] for target in report["targets"])
    totals = report["totals"]
    open_ones = sum(totals[state] for state in STATES if state not in {"verified", "gone"})
    too_many_gone = totals["gone"] * 20 > totals["planned"]
    return 3 if codes - {0} or unstable or open_ones or too_many_gone else 0


def _bursts(times: list[float], *, per_s: float, spare: int) -> Iterator[str]:
    """Say of the worst stretch how many requests it had too many.

    A tenth more than the rate, and *spare*: what is in flight can be delivered late and then all at once.
    """
    stretches = ((last - first + 1, times[last] - times[first]) for last in range(len(times)) for first in range(last))
    count, span = max(stretches, key=lambda each: each[0] - each[1] * per_s * 1.1, default=(0, 0.0))
    allowed = span * per_s * 1.1 + spare
    if count > allowed:
        yield f"{count} requests came within {span:.3f} s, where {allowed:.1f} are allowed"


def _peak(records: list[Record]) -> int:
    """Return how many requests were in flight at once, those aside that ended about when the next one came."""
    marks = [mark for record in records for mark in _span(record)]
    peak = now = 0
    for _, change in sorted(marks):
        now += change
        peak = max(peak, now)
    return peak


def _span(record: Record) -> tuple[tuple[float, int], tuple[float, int]]:
    end = record.at if record.done_at is None else record.done_at - _TOLERANCE_S
    return (record.at, 1), (max(record.at, end), -1)


def _is_intent(event: object) -> bool:
    return isinstance(event, events.ChangeAttempted)

"""Telling people of a run that is over, recorded and reported: whether, what, and what came of it."""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from enforcer.cli.runs import conducting
from enforcer.cli.runs.applying import Outcome
from enforcer.cli.runs.errands import Errand
from enforcer.cli.terminal import screen, signals
from enforcer.cli.terminal.progress import Log
from enforcer.cli.wiring import recorded_runs
from enforcer.cli.wiring.deliveries import deliver
from enforcer.core.fold.summary import fold
from enforcer.core.history.news import is_due, news
from enforcer.core.text.visible import visible
from enforcer.errors import ConfigError, JournalError, UsageError
from enforcer.model.event import LATER, Entry, MetricsLost, MetricsSent, NotificationFailed, NotificationSent
from enforcer.model.news import Delivery, Message, News
from enforcer.model.notify import Notify
from enforcer.model.report.run import Report
from enforcer.reports import chat

URLS: Final = "ENFORCER_NOTIFY_URLS"
"""The variable with the services' URLs. It has secrets in it, so there is no flag for it, nor a key of the policy."""

_TRY_IT: Final = "`enforcer doctor --try-notify` sends a message to try it."

_Told = NotificationSent | NotificationFailed
_Sent = _Told | MetricsSent | MetricsLost


def tell(errand: Errand, outcome: Outcome, sink: Log, environ: Mapping[str, str] = os.environ) -> None:
    """Tell people of the run, if its policy or a flag says so and there is something to tell.

    It waits for their services for a bounded time. What comes of it is shown, logged and added to the run's record;
    nothing of it changes how the run ended. That the journal does not have a run whole is news, and what came of
    telling it is not added: what stands behind its end would hide that the end is missing.
    """
    notify = errand.policy.notify
    if notify is Notify.NEVER:
        return
    with signals.held_back():
        found = news(_before(errand), outcome.report) if outcome.is_recorded else News(is_new=True)
        if not is_due(notify, found):
            return
        told = tuple(_deliver(environ.get(URLS, ""), partial(chat.message, outcome.report, found)))
        if outcome.is_recorded:
            record(errand, told, sink)
        else:
            _show(told, conducting.wall_clock(), sink)


def _before(errand: Errand) -> Report | None:
    """Return the report of the apply before; None without one, or if the run is no apply: what people do is news."""
    if errand.command != "apply":
        return None
    try:
        earlier, _ = recorded_runs.pair(errand.home, errand.run_id)
        return fold(recorded_runs.events(errand.home, earlier))
    except (UsageError, JournalError):
        return None


def _deliver(urls: str, message: Callable[[int], Message]) -> Iterator[_Told]:
    if not urls.strip():
        yield NotificationFailed(
            service=None, message=f"{URLS} is not set", hint="Set it to the URLs of the services, or notify: never."
        )
        return
    try:
        deliveries = deliver(urls, message)
    except ConfigError as wrong:
        yield NotificationFailed(service=None, message=wrong.message, hint=wrong.hint)
        return
    yield from _told(deliveries)


def _told(deliveries: tuple[Delivery, ...]) -> Iterator[_Told]:
    taken = tuple(each.service for each in deliveries if each.failure is None)
    if taken:
        yield NotificationSent(services=taken)
    for each in deliveries:
        if each.failure is not None:
            yield NotificationFailed(service=each.service, message=each.failure, hint=_TRY_IT)


def record(errand: Errand, told: tuple[_Sent, ...], sink: Log) -> None:
    """Show, log and add to the run's record what came of telling others of it, now that it is over."""
    at = conducting.wall_clock()
    _show(told, at, sink)
    try:
        recorded_runs.records(errand.home).append(errand.run_id, at, told)
    except JournalError as broken:
        screen.note(f"note: who was told of the run is not recorded: {visible(broken.message, 300)}")


def _show(told: tuple[_Sent, ...], at: float, sink: Log) -> None:
    """Say it in a line each, and log it, unless the log would only say it again."""
    for number, event in enumerate(told):
        if not sink.is_for_people:
            sink.take([Entry(seq=LATER + number, at=at, event=event)])
        screen.note(_line(event))


def _line(event: _Sent) -> str:
    match event:
        case NotificationSent(services=services):
            return f"Told    {visible(', '.join(services), 300)}"
        case MetricsSent(receiver=receiver):
            return f"Metrics {receiver}"
        case MetricsLost(receiver=receiver, message=message):
            return f"note: metrics not sent: {receiver} {visible(message, 300)}."
    said = f"{event.service} {event.message}" if event.service else event.message
    return f"note: not told: {said}." + (f"\n  {event.hint}" if event.hint else "")

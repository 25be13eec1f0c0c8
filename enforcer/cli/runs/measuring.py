"""The numbers of a run that is over, recorded and reported, to those who collect them."""

import os
from collections.abc import Iterator, Mapping

from msgspec import Struct

from enforcer.cli.runs import telling
from enforcer.cli.runs.applying import Outcome
from enforcer.cli.runs.errands import Errand
from enforcer.cli.terminal import signals
from enforcer.cli.terminal.progress import Log
from enforcer.cli.wiring import recorded_runs
from enforcer.cli.wiring.deliveries import export, push
from enforcer.errors import JournalError
from enforcer.model.event import MetricsLost, MetricsSent
from enforcer.model.news import Delivery
from enforcer.reports.prometheus import metrics_after


class Receivers(Struct, frozen=True, kw_only=True):
    """Who is sent the numbers of a run."""

    pushgateway: str | None = None
    """Its URL, which may have a password in it; None: none."""
    opentelemetry: bool = False
    """Whether they go where OpenTelemetry's variables say."""


NOBODY = Receivers()


def measure(
    errand: Errand, outcome: Outcome, sink: Log, receivers: Receivers, environ: Mapping[str, str] = os.environ
) -> None:
    """Send the numbers of the run to *receivers*, waiting for each for a bounded time.

    What comes of it is shown, logged and added to the run's record; nothing of it changes how the run ended. Of a run
    that the journal does not have whole nothing is sent.
    """
    if receivers == NOBODY or not outcome.is_recorded:
        return
    with signals.held_back():
        try:
            sent = tuple(_sent(errand, outcome, receivers, environ))
        except JournalError as broken:
            sent = (MetricsLost(receiver="the journal", message=f"cannot tell the last success: {broken.message}"),)
        telling.record(errand, sent, sink)


def _sent(
    errand: Errand, outcome: Outcome, receivers: Receivers, environ: Mapping[str, str]
) -> Iterator[MetricsSent | MetricsLost]:
    report = outcome.report
    metrics = metrics_after(report, recorded_runs.last_success(errand.home, report.policy.name, report.shard))
    if receivers.pushgateway is not None:
        group = {"policy": report.policy.name} | ({"shard": report.shard} if report.shard else {})
        yield _event(push(receivers.pushgateway, metrics, group))
    if receivers.opentelemetry:
        yield _event(export(report, metrics, environ))


def _event(delivery: Delivery) -> MetricsSent | MetricsLost:
    if delivery.failure is None:
        return MetricsSent(receiver=delivery.service)
    return MetricsLost(receiver=delivery.service, message=delivery.failure)

"""What leaves for services other than the API: messages, metrics, traces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enforcer.model.metric import Metric
    from enforcer.model.news import Delivery, Message
    from enforcer.model.report.run import Report


def deliver(urls: str, message: Callable[[int], Message]) -> tuple[Delivery, ...]:
    """Send a message to the services of *urls*; *message* makes it for a room of so many characters.

    Raises ConfigError if it can be sent through none.
    """
    from enforcer import notify

    return notify.deliver(urls, message)


def services(urls: str) -> tuple[str, ...]:
    """Return the names of the services of *urls*; raise ConfigError if one cannot be used."""
    from enforcer import notify

    return notify.services(urls)


def push(url: str, metrics: Sequence[Metric], group: Mapping[str, str]) -> Delivery:
    """Send *metrics* to the Pushgateway at *url*, in place of those that it has of *group*; return what came of it."""
    from enforcer import telemetry

    return telemetry.push(url, metrics, group)


def export(report: Report, metrics: Sequence[Metric], environ: Mapping[str, str]) -> Delivery:
    """Send *metrics* and a trace of the run where OpenTelemetry's variables say; return what came of it."""
    from enforcer import telemetry

    return telemetry.export(report, metrics, environ)

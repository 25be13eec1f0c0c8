"""The metrics of a run to a Pushgateway, and with a trace to an OpenTelemetry collector. The only home of both extras.

The Pushgateway's URL may have a password in it, and so may OpenTelemetry's variables: nothing of an address leaves this
module. A receiver that hangs is left behind: what it hangs is a thread that the process does not wait for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit

from enforcer import __version__
from enforcer.detached import silence, within
from enforcer.model.metric import Metric
from enforcer.model.news import Delivery
from enforcer.model.report.run import Report
from enforcer.model.report.target import TargetReport

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource

PUSHGATEWAY: Final = "Pushgateway"
OPENTELEMETRY: Final = "OpenTelemetry"
JOB: Final = "enforcer"
WITHIN_S: Final = 10.0

_NS: Final = 1_000_000_000


def push(url: str, metrics: Sequence[Metric], group: Mapping[str, str], *, within_s: float = WITHIN_S) -> Delivery:
    """Put *metrics* in the place of those that the Pushgateway at *url* has of *group*, and return what came of it.

    *url* has passed `core.text.endpoint.check_pushgateway`. Returns after *within_s* seconds at the latest.
    """
    return _delivered(PUSHGATEWAY, within_s, partial(_push, url, metrics, group, within_s))


def export(
    report: Report, metrics: Sequence[Metric], environ: Mapping[str, str], *, within_s: float = WITHIN_S
) -> Delivery:
    """Send *metrics* and a trace of the run to where OpenTelemetry's variables in *environ* say.

    Returns what came of it, after *within_s* seconds at the latest. The SDK reads the variables of the process itself;
    *environ* is asked for what it does not heed: ``OTEL_SDK_DISABLED``, and ``none`` as an exporter.
    """
    return _delivered(OPENTELEMETRY, within_s, partial(_export, report, metrics, environ, within_s))


def _push(url: str, metrics: Sequence[Metric], group: Mapping[str, str], within_s: float) -> str | None:
    try:
        from prometheus_client import exposition  # noqa: PLC0415 - an extra
    except ImportError:
        return "needs prometheus-client: pip install 'enforcer[push]'"
    parts = urlsplit(url)
    handler: Callable[..., Callable[[], None]] = exposition.default_handler
    if parts.username is not None:
        user, password = unquote(parts.username), unquote(parts.password or "")
        handler = partial(exposition.basic_auth_handler, username=user, password=password)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    try:
        exposition.push_to_gateway(
            bare, job=JOB, registry=_Collector(metrics), grouping_key=dict(group), timeout=within_s, handler=handler
        )
    except HTTPError as answered:
        answered.close()
        return f"answered {answered.code}"
    except (OSError, URLError) as failed:
        reason = getattr(failed, "reason", failed)
        return f"could not be reached: {getattr(reason, 'strerror', None) or type(reason).__name__}"
    return None


class _Collector:
    """The metrics in the client's own form."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - an extra

        for metric in self._metrics:
            family = GaugeMetricFamily(metric.name, metric.what)
            for labels, value in metric.samples:
                family.add_sample(metric.name, labels, value)
            yield family


def _export(report: Report, metrics: Sequence[Metric], environ: Mapping[str, str], within_s: float) -> str | None:
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return "is switched off: OTEL_SDK_DISABLED is true"
    try:
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415 - an extra
    except ImportError:
        return "needs its SDK: pip install 'enforcer[otel]'"
    said = Resource({"service.name": JOB, "service.version": __version__})
    resource = said.merge(OTELResourceDetector().detect())
    sent = [
        ("metrics", environ.get("OTEL_METRICS_EXPORTER") == "none" or _send_metrics(metrics, resource, within_s)),
        ("the trace", environ.get("OTEL_TRACES_EXPORTER") == "none" or _send_trace(report, resource)),
    ]
    failed = [what for what, is_taken in sent if not is_taken]
    return f"did not take {' and '.join(failed)}" if failed else None


def _send_metrics(metrics: Sequence[Metric], resource: "Resource", within_s: float) -> bool:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.metrics import CallbackOptions, Observation  # noqa: PLC0415
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricExportResult  # noqa: PLC0415

    def observed(metric: Metric, _options: CallbackOptions) -> Iterator[Observation]:
        for labels, value in metric.samples:
            yield Observation(float(value), labels)

    reader = InMemoryMetricReader()
    meter = MeterProvider([reader], resource=resource, shutdown_on_exit=False).get_meter(JOB, __version__)
    for metric in metrics:
        meter.create_observable_gauge(metric.name, [partial(observed, metric)], description=metric.what)
    found = reader.get_metrics_data()
    if found is None:
        return False
    return OTLPMetricExporter().export(found, timeout_millis=within_s * 1000) is MetricExportResult.SUCCESS


def _send_trace(report: Report, resource: "Resource") -> bool:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult  # noqa: PLC0415
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: PLC0415
    from opentelemetry.trace import Status, StatusCode, set_span_in_context  # noqa: PLC0415

    spans = InMemorySpanExporter()
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    tracer = provider.get_tracer(JOB, __version__)
    began = round(datetime.fromisoformat(report.started_at).timestamp() * _NS)
    run = tracer.start_span(f"enforcer {report.command}", start_time=began, attributes=_of_run(report))
    if report.exit.code:
        run.set_status(Status(StatusCode.ERROR, report.exit.name))
    for target in report.targets:
        if target.timeline is not None:
            first = began + round(target.timeline.begins_s * _NS)
            length = round(target.timeline.bin_s * len(target.timeline.bins) * _NS)
            changes = tracer.start_span(
                f"changes at {target.name}",
                context=set_span_in_context(run),
                start_time=first,
                attributes=_of_target(target),
            )
            changes.end(end_time=first + length)
    run.end(end_time=began + round(report.duration_s * _NS))
    return OTLPSpanExporter().export(spans.get_finished_spans()) is SpanExportResult.SUCCESS


def _of_run(report: Report) -> dict[str, str | int]:
    totals = report.totals
    return {
        "enforcer.run_id": report.run_id,
        "enforcer.policy": report.policy.name,
        "enforcer.exit_code": -1 if report.exit.code is None else report.exit.code,
        "enforcer.exit_name": report.exit.name,
        "enforcer.listed": totals.listed,
        "enforcer.planned": totals.planned,
        "enforcer.verified": totals.verified,
        "enforcer.failed": totals.failed,
        **({"enforcer.shard": report.shard} if report.shard else {}),
    }


def _of_target(target: TargetReport) -> dict[str, str | int]:
    return {
        "enforcer.target": target.name,
        "enforcer.project": target.project_id,
        "cloud.region": target.region or "",
        "enforcer.put": target.requests.put,
        "enforcer.throttled": target.requests.throttled,
        "enforcer.verified": target.totals.verified,
        "enforcer.failed": target.totals.failed,
    }


def _delivered(service: str, within_s: float, work: Callable[[], str | None]) -> Delivery:
    """Return what came of *work*, which returns why it failed; that it took too long if it did."""

    def carried_out() -> Delivery:
        with silence():
            try:
                return Delivery(service=service, failure=work())
            except Exception as failed:  # noqa: BLE001 - a defect there is none of the run; its text may have an address
                return Delivery(service=service, failure=f"failed: {type(failed).__name__}")

    late = Delivery(service=service, failure=f"has not answered within {within_s:g} s")
    return within(within_s, carried_out) or late

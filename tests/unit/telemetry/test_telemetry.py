"""Metrics and traces to receivers on loopback: taken, refused, too late, not installed."""

import base64
import importlib.util
import socket
import subprocess
import sys
import threading

import pytest
from msgspec.structs import replace
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from enforcer.core.text.endpoint import check_pushgateway
from enforcer.model.news import Delivery
from enforcer.reports import render
from enforcer.reports.prometheus import metrics_after
from enforcer.telemetry import OPENTELEMETRY, PUSHGATEWAY, export, push
from tests.receiver import receiver
from tests.sample_reports import SAMPLES

REPORT = SAMPLES["throttled"]
METRICS = metrics_after(REPORT, None)


def samples(text):
    """Return the lines of a text in Prometheus' format that have a value, with the value as a number."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_a_pushgateway_gets_what_the_file_would_have_in_the_place_of_what_it_has():
    with receiver() as found:
        taken = push(found.url, METRICS, {"policy": "nightly", "shard": "0/2"})

    assert taken == Delivery(service=PUSHGATEWAY)
    (request,) = found.requests
    assert request.method == "PUT"
    shard = base64.urlsafe_b64encode(b"0/2").decode()
    assert request.path == f"/metrics/job/enforcer/policy/nightly/shard@base64/{shard}"
    assert samples(request.body.decode()) == samples(render(REPORT, "prometheus"))


def test_a_password_goes_into_the_header():
    with receiver() as found:
        push(found.url.replace("://", "://li%40wei:p%2Fw@"), METRICS, {})

    (request,) = found.requests
    assert request.headers["authorization"] == f"Basic {base64.b64encode(b'li@wei:p/w').decode()}"


def test_what_keeps_a_pushgateway_from_taking_it_is_told_without_its_address():
    with receiver(status=503) as found:
        refused = push(found.url.replace("://", "://u:S3cret@"), METRICS, {})
    gone = push(found.url.replace("://", "://u:S3cret@"), METRICS, {})

    assert refused.failure == "answered 503"
    assert gone.failure == "could not be reached: Connection refused"


def test_a_receiver_that_hangs_is_left_behind(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    there = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        late = push(url, METRICS, {}, within_s=0.2), export(REPORT, METRICS, {}, within_s=0.2)

    for left in set(threading.enumerate()) - there:
        left.join()  # or it would send to the receiver of the next test
    assert [each.failure is None for each in late] == [False, False]


def exported(monkeypatch, report=REPORT, environ=None, status=200):
    with receiver(status=status) as found:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.url)
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=lab")
        taken = export(report, METRICS, environ or {})
    return taken, {request.path: request.body for request in found.requests}


def test_opentelemetry_gets_every_sample(monkeypatch):
    taken, found = exported(monkeypatch)

    assert taken == Delivery(service=OPENTELEMETRY)
    (of_resource,) = ExportMetricsServiceRequest.FromString(found["/v1/metrics"]).resource_metrics
    said = {each.key: each.value.string_value for each in of_resource.resource.attributes}
    assert (said["service.name"], said["deployment.environment"]) == ("enforcer", "lab")
    read = {
        (metric.name, *sorted((each.key, each.value.string_value) for each in point.attributes)): point.as_double
        for of_scope in of_resource.scope_metrics
        for metric in of_scope.metrics
        for point in metric.gauge.data_points
    }
    told = {(metric.name, *sorted(labels.items())): value for metric in METRICS for labels, value in metric.samples}
    assert read == told


def test_opentelemetry_gets_a_trace_of_the_run_with_the_changes_of_each_target_in_it(monkeypatch):
    _, found = exported(monkeypatch)

    ((of_resource,),) = [ExportTraceServiceRequest.FromString(found["/v1/traces"]).resource_spans]
    spans = {span.name: span for of_scope in of_resource.scope_spans for span in of_scope.spans}
    run, changes = spans["enforcer apply"], spans["changes at prod-eu"]
    assert len(spans) == 2
    assert changes.parent_span_id == run.span_id
    assert round((run.end_time_unix_nano - run.start_time_unix_nano) / 1e9, 3) == REPORT.duration_s
    assert run.start_time_unix_nano <= changes.start_time_unix_nano < changes.end_time_unix_nano
    assert REPORT.run_id in {each.value.string_value for each in run.attributes}


def test_a_failed_run_is_a_failed_span(monkeypatch):
    _, found = exported(monkeypatch, report=replace(REPORT, exit=replace(REPORT.exit, code=3, name="partial")))

    ((of_resource,),) = [ExportTraceServiceRequest.FromString(found["/v1/traces"]).resource_spans]
    (run,) = [span for of_scope in of_resource.scope_spans for span in of_scope.spans if not span.parent_span_id]
    assert (run.status.code, run.status.message) == (2, "partial")


def test_what_opentelemetry_does_not_take_or_must_not_get_is_told(monkeypatch):
    no_trace, found = exported(monkeypatch, environ={"OTEL_TRACES_EXPORTER": "none"})
    refused, _ = exported(monkeypatch, status=400)
    off, nothing = exported(monkeypatch, environ={"OTEL_SDK_DISABLED": "true"})

    assert (no_trace.failure, list(found)) == (None, ["/v1/metrics"])
    assert refused.failure == "did not take metrics and the trace"
    assert (off.failure, nothing) == ("is switched off: OTEL_SDK_DISABLED is true", {})


@pytest.mark.parametrize(
    ("extra", "call"), [("prometheus_client", "push(URL, (), {})"), ("opentelemetry", "export(None, (), {})")]
)
def test_without_its_extra_a_receiver_says_how_to_have_it(extra, call):
    program = f"import sys; sys.modules[{extra!r}] = None; URL = 'http://127.0.0.1:1'\n"
    program += f"from enforcer.telemetry import export, push\nprint({call}.failure)"
    assert importlib.util.find_spec(extra)

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert "pip install 'enforcer[" in done.stdout


@pytest.mark.parametrize("url", ["http://push:9091", "https://u:p@push.example/base", "http://u:p@127.0.0.1:9091/"])
def test_a_url_of_a_pushgateway_is_taken(url):
    assert check_pushgateway(url) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("push:9091", "expected http://HOST:PORT"),
        ("ftp://push", "expected http://HOST:PORT"),
        ("http://push/?S3cret", "expected http://HOST:PORT"),
        ("http://u:S3cret@push:9091", "expected https"),
        ("http://u:S3cret@127.0.0.1.example", "expected https"),
    ],
)
def test_another_url_is_refused_without_being_repeated(url, expected):
    with pytest.raises(ValueError, match=expected) as refused:
        check_pushgateway(url)
    assert "S3cret" not in str(refused.value)

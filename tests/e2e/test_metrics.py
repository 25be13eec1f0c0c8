"""`apply --metrics-file`: the last run, and the last success whatever the last run was."""

import re
import stat

from tests.e2e.policies import nightly
from tests.e2e.test_secrets import found_in
from tests.receiver import receiver
from tests.simulated import simulator


def value(path, metric):
    (found,) = re.findall(rf"^{metric}\{{.*\}} (\S+)$", path.read_text(), re.MULTILINE)
    return float(found)


def test_a_failure_keeps_the_last_success(enforcer):
    path = enforcer.folder / "nightly.prom"
    line = ("apply", enforcer.policy(nightly()), "--yes", "--metrics-file", path)
    with simulator(drift=0.2) as cloud:
        good = enforcer(*line, env=cloud.env)
        success = value(path, "enforcer_last_success_timestamp_seconds")
        bad = enforcer(*line, env=cloud.env | {"HUAWEICLOUD_SDK_SK": "WrongSecretKey"})

        assert (good.code, bad.code) == (0, 77)
        assert value(path, "enforcer_last_run_exit_code") == 77
        assert value(path, "enforcer_last_success_timestamp_seconds") == success
        assert value(path, "enforcer_last_run_timestamp_seconds") > success
        assert not [secret for secret in cloud.secrets if secret in path.read_text()]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_metrics_that_cannot_be_written_are_told_and_the_reports_are_there(enforcer):
    (enforcer.folder / "file").touch()
    with simulator(drift=0.2) as cloud:
        flag = ("--metrics-file", enforcer.folder / "file" / "nightly.prom")
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", *flag, env=cloud.env)

    assert outcome.code == 74, outcome
    assert "--metrics-file" in outcome.err
    assert enforcer.report()["exit"]["code"] == 0


def test_metrics_go_to_whoever_collects_them_once_the_run_is_recorded(enforcer):
    line = ("apply", enforcer.policy(nightly()), "--yes", "--otel")
    with simulator(drift=0.2) as cloud, receiver() as pushed, receiver() as posted:
        env = cloud.env | {"OTEL_EXPORTER_OTLP_ENDPOINT": posted.url}
        outcome = enforcer(*line, "--push-metrics", pushed.url, env=env)

    assert outcome.code == 0, outcome
    assert [request.path for request in pushed.requests] == ["/metrics/job/enforcer/policy/nightly"]
    assert b"enforcer_last_success_timestamp_seconds{" in pushed.requests[0].body
    assert [request.path for request in posted.requests] == ["/v1/metrics", "/v1/traces"]
    sent = [event["receiver"] for event in outcome.log if event["event"] == "metrics.sent"]
    assert sent == ["Pushgateway", "OpenTelemetry"]
    assert "metrics.sent" in enforcer("runs", "export", "last").out


def test_a_receiver_that_refuses_harms_no_run_and_its_secrets_stay_inside(enforcer):
    secret = "Pa55wordOfThePushgateway"
    line = ("apply", enforcer.policy(nightly()), "--yes", "--log-level", "debug", "--log-file", "log.jsonl")
    with simulator(drift=0.2) as cloud, receiver(status=500) as refusing:
        url = refusing.url.replace("://", f"://user:{secret}@")
        said = enforcer(*line, "--push-metrics", url, env=cloud.env)
        env = cloud.env | {"ENFORCER_PUSH_METRICS": url, "ENFORCER_OTEL": "1"}
        env |= {"OTEL_EXPORTER_OTLP_ENDPOINT": refusing.url, "OTEL_EXPORTER_OTLP_HEADERS": f"authorization={secret}"}
        outcome = enforcer(*line, env=env | {"OTEL_EXPORTER_OTLP_TIMEOUT": "1"})

    assert said.code == 64, said
    assert "ENFORCER_PUSH_METRICS" in said.err
    assert outcome.code == 0, outcome
    assert "note: metrics not sent: Pushgateway answered 500." in outcome.err
    assert "note: metrics not sent: OpenTelemetry did not take metrics and the trace." in outcome.err
    assert found_in(enforcer, (outcome,), (secret,)) == []

"""`apply --metrics-file`: the last run, and the last success whatever the last run was."""

import re
import stat

from tests.e2e.policies import nightly
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

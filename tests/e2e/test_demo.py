"""The demo: the whole job on this machine, without any setting, leaving a report behind."""

import os
import re
from pathlib import Path

import msgspec

from tests.e2e.policies import adds_up
from tests.e2e.terminal import on_terminal


def test_the_demo_plans_applies_and_reports(enforcer):
    outcome = enforcer("demo", env={"TMPDIR": str(enforcer.folder)})

    assert outcome.code == 0, outcome
    assert outcome.err == ""
    report = the_report(outcome.out)
    assert report["exit"]["code"] == 0
    assert report["totals"]["verified"] == report["totals"]["planned"] > 0
    assert adds_up(report)


def test_the_demo_shows_its_progress_on_a_terminal(enforcer):
    with on_terminal(enforcer, "demo", env={"TMPDIR": str(enforcer.folder)}) as terminal:
        outcome = terminal.finished()

    assert outcome.code == 0, terminal.shown
    assert re.search(r"[1-7]/8\b", terminal.ever_shown)


def test_the_demo_does_not_heed_what_points_elsewhere(enforcer):
    elsewhere = {
        "HUAWEICLOUD_SDK_AK": "real-key",
        "HUAWEICLOUD_SDK_SK": "real-secret",
        "HUAWEICLOUD_SDK_SECURITY_TOKEN": "real-token",
        "HUAWEICLOUD_SDK_IAM_ENDPOINT": "https://iam.example.invalid",
        "HW_AUTH_TOKEN": "real-token",
        "HW_REGION_NAME": "eu-west-101",
        "ENFORCER_ENDPOINT": "https://dcs.example.invalid",
        "ENFORCER_IAM_ENDPOINT": "https://iam.example.invalid",
        "ENFORCER_PROJECT_ID": "f" * 32,
        "ENFORCER_REGION": "eu-west-101",
        "ENFORCER_TARGET": "prod",
        "ENFORCER_ONLY": "nothing-*",
        "ENFORCER_RATE": "1/h",
        "ENFORCER_DEADLINE": "1s",
        "ENFORCER_CA_FILE": "/nowhere",
        "ENFORCER_PROXY": "http://proxy.example.invalid:3128",
        "ENFORCER_REPORT_DIR": str(enforcer.folder / "their-reports"),
        "ENFORCER_CREDENTIALS": "profile",
        "ENFORCER_LOG_LEVEL": "debug",
        "ENFORCER_SIMULATOR_FAIL": "100%",
        "ENFORCER_SIMULATOR_PORT": "1",
        "HTTPS_PROXY": "http://proxy.example.invalid:3128",
    }
    outcome = enforcer("demo", env={"TMPDIR": str(enforcer.folder)} | elsewhere)

    assert outcome.code == 0, outcome
    assert the_report(outcome.out)["targets"][0]["endpoint"].startswith("http://127.0.0.1:")
    assert not (enforcer.folder / "their-reports").exists()
    assert not enforcer.state.exists()


def the_report(text):
    """Return the report in JSON beside the one whose path *text* ends with."""
    path = Path(text.split()[-1])
    assert path.name == "report.html"
    assert os.access(path, os.R_OK)
    return msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=dict)

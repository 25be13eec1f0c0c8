"""A resolver that hangs: signals are heard meanwhile, and the end of the process does not wait for it."""

import signal
import time

import pytest

from tests.command import finished

HUNG = """
import pathlib, socket, time

def getaddrinfo(*args, **more):
    pathlib.Path(__file__).with_name("asked").touch()
    time.sleep(120)

socket.getaddrinfo = getaddrinfo
"""
POLICY = """
version: 1
name: any
default: manual
"""


@pytest.fixture(params=[["--project-id", "0123456789abcdef0123456789abcdef"], []], ids=["of DCS", "of IAM"])
def asking(request, enforcer, tmp_path):
    """Yield the command while it looks up the name of an endpoint, which takes two minutes."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(HUNG, encoding="utf-8")
    env = {"PYTHONPATH": str(site), "HUAWEICLOUD_SDK_AK": "AK0000000001", "HUAWEICLOUD_SDK_SK": "SK"}
    place = ("--endpoint", "https://dcs.example.com", "--region", "eu-west-101", *request.param)
    with enforcer.started("plan", enforcer.policy(POLICY), *place, env=env) as process:
        patience = time.monotonic() + 60
        while not (site / "asked").exists():
            assert process.poll() is None, finished(process)
            assert time.monotonic() < patience
            time.sleep(0.02)
        yield process


def test_fault_04_one_signal_ends_it_at_once(asking):
    started = time.monotonic()
    asking.send_signal(signal.SIGTERM)
    outcome = finished(asking)

    assert outcome.code == 143, outcome
    assert time.monotonic() - started < 30, "long before the look-up would have ended"

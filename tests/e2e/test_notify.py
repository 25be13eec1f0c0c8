"""People are told of a run when it matters, after it is recorded, and never at its expense."""

import contextlib
import sqlite3

from tests.e2e.policies import drifting, nightly
from tests.inbox import inbox
from tests.simulated import simulator

WHEN_IT_MATTERS = f"{nightly()}\nnotify: change\n"


def kinds(enforcer):
    """Return the kinds of the events of the last run, as the journal has them."""
    last = enforcer.runs()[0]["run_id"]
    with contextlib.closing(sqlite3.connect(enforcer.state / "journal.db")) as journal:
        return [kind for (kind,) in journal.execute("SELECT kind FROM event WHERE run_id = ? ORDER BY seq", (last,))]


def test_people_are_told_of_what_is_new_once_and_after_it_is_recorded(enforcer):
    recorded = []
    policy = enforcer.policy(WHEN_IT_MATTERS)
    with simulator(drift=0.2) as cloud, inbox(at_each=lambda: recorded.append(kinds(enforcer)[-1])) as found:
        env = cloud.env | {"ENFORCER_NOTIFY_URLS": found.url}
        wrong = drifting(cloud.tasks())
        first = enforcer("apply", policy, "--yes", env=env)
        again = enforcer("apply", policy, "--yes", env=env)

        assert [first.code, again.code] == [0, 0], first
        assert len(found.messages) == 1, "that all is as it was left is no news"
        assert found.messages[0]["title"] == "enforcer apply: nightly, ok"
        assert f"{len(wrong)} changed and read back" in found.messages[0]["message"]
        assert recorded == ["run.finished"]
        assert "Told    JSON" in first.err
        assert "Told" not in again.err

        undone = enforcer("runs", "undo", enforcer.runs()[1]["run_id"], "--yes", env=env)
        assert undone.code == 0, undone
        assert found.messages[1]["title"] == "enforcer runs undo: nightly, ok"
        assert kinds(enforcer)[-1] == "notification.sent"
        assert enforcer("runs", "report", "last").code == 0


def test_a_plan_tells_nobody(enforcer):
    with simulator(drift=0.2) as cloud, inbox() as found:
        env = cloud.env | {"ENFORCER_NOTIFY_URLS": found.url, "ENFORCER_NOTIFY": "always"}
        assert enforcer("plan", enforcer.policy(WHEN_IT_MATTERS), env=env).code == 0

    assert found.messages == []


def test_that_nobody_can_be_told_is_said_and_changes_nothing_else(enforcer):
    with simulator(drift=0.1) as cloud:
        outcome = enforcer("apply", enforcer.policy(WHEN_IT_MATTERS), "--yes", env=cloud.env)

    assert outcome.code == 0, outcome
    (told,) = [line for line in outcome.log if line["event"] == "notification.failed"]
    assert told["message"] == "ENFORCER_NOTIFY_URLS is not set"
    assert "note: not told: ENFORCER_NOTIFY_URLS is not set" in outcome.err
    assert kinds(enforcer)[-1] == "notification.failed"
    assert enforcer.report()["exit"]["code"] == 0


def test_the_doctor_tries_the_services(enforcer):
    with simulator() as cloud, inbox() as found:
        env = cloud.env | {"ENFORCER_NOTIFY_URLS": f"{found.url} nosuch://two"}
        outcome = enforcer("doctor", enforcer.policy(WHEN_IT_MATTERS), "--try-notify", "--format", "json", env=env)

    assert outcome.code == 0, outcome
    assert [message["title"] for message in found.messages] == ["enforcer doctor"]
    tried = [(each["status"], each["message"]) for each in outcome.json() if each["check"] == "notify"]
    assert tried == [
        ("ok", "JSON (1 of 2) took a message"),
        ("warn", "the URL (2 of 2) is of no service that Apprise knows, or not complete"),
    ]

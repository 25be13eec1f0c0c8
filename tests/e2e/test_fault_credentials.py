"""Rows 42 to 47 of docs/faults.md: credentials that are refused, and clocks that disagree."""

import asyncio
import os
import signal
import time

import pytest
import trustme

from tests.faults import actions as do
from tests.faults.access import AK, NEW_AK, NEW_SK, SK
from tests.faults.proved import hints, messages, proved, server_tls, until
from tests.faults.rules import Rule
from tests.faults.store import Store


def refused(history):
    return [record for record in history.records if record.status == 401]


class Files:
    """A directory with ak and sk, as systemd and Kubernetes make it."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.write(AK, SK)
        for name in ("ak", "sk"):
            os.utime(folder / name, (1e9, 1e9))

    def write(self, ak, sk):
        """Replace both files, each by a rename."""
        for name, text in (("ak", ak), ("sk", sk)):
            new = self.folder / f".{name}"
            new.write_text(text)
            new.chmod(0o400)
            new.rename(self.folder / name)

    @property
    def env(self):
        nobody = {"HUAWEICLOUD_SDK_AK": "", "HUAWEICLOUD_SDK_SK": ""}
        return {**nobody, "CREDENTIALS_DIRECTORY": str(self.folder)}


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path / "credentials")


def renewed(keys):
    keys.clear()
    keys[NEW_AK] = NEW_SK


@pytest.mark.parametrize("concurrency", [1, 32])
def test_fault_42_a_dead_key_is_tried_once(tmp_path, concurrency):
    env = {"HUAWEICLOUD_SDK_SK": "MarkerSecretThatIsWrong"}
    history = proved(tmp_path, store=Store(40, hide_mode=40), code=77, concurrency=concurrency, env=env)

    assert len(history.records) == len(refused(history)) == 1


def test_fault_43_after_the_first_refusal_nothing_is_sent_with_that_key(tmp_path):
    # 32 workers, each with a request under way most of the time: those cannot be called back.
    async def slow(x):
        reply = x.serve()
        await asyncio.sleep(0.15)
        await x.reply(reply)

    history = proved(
        tmp_path,
        Rule(kind="put", nth=40, do=do.expire_auth()),
        Rule(kind="put", times=None, do=slow),
        store=Store(120),
        concurrency=32,
        rate=(20, "s"),
        code=77,
    )
    kinds = [entry.event.kind for entry in history.entries]

    assert "change.attempted" not in kinds[kinds.index("run.stopped") :]
    assert 1 <= len(refused(history)) <= 32
    assert len(history.in_state("not_attempted")) >= 120 - 40 - 32
    assert history.in_state("unknown") == []


def test_fault_43_with_quick_answers_and_the_usual_rate_two_are_refused_at_most(tmp_path):
    history = proved(
        tmp_path,
        Rule(kind="put", nth=3, do=do.expire_auth()),
        store=Store(20),
        concurrency=32,
        pace=1,
        rate=(2, "s"),
        code=77,
    )

    assert 1 <= len(refused(history)) <= 2


def test_fault_44_the_key_is_replaced_midway(tmp_path, files):
    async def replaced(x):
        files.write(NEW_AK, NEW_SK)
        renewed(x.server.access.keys)
        await do.ok(x)

    history = proved(
        tmp_path / "run",
        Rule(kind="put", nth=5, do=replaced),
        store=Store(20),
        concurrency=4,
        env=files.env,
        arguments=("--credentials", "files"),
    )

    assert len(history.events("credentials.refreshed")) >= 1
    assert len(history.in_state("verified")) == 20
    assert len(refused(history)) <= 4
    assert {task["attempts"] for task in history.tasks} <= {1, 2}


def test_fault_44_the_new_key_is_no_good_either(tmp_path, files):
    async def replaced(x):
        files.write(NEW_AK, SK)
        renewed(x.server.access.keys)
        await do.ok(x)

    history = proved(
        tmp_path / "run",
        Rule(kind="put", nth=3, do=replaced),
        store=Store(20),
        concurrency=1,
        env=files.env,
        arguments=("--credentials", "files"),
        code=77,
    )

    assert len(refused(history)) == 2, "the old key once, the new key once"


def test_fault_45_not_allowed_to_list(tmp_path):
    history = proved(tmp_path, Rule(kind="list", do=do.status(403, "APIGW.0302", "no permission")), code=77)

    assert len(history.records) == 1
    assert "dcs:migrationTask:list" in hints(history)


def test_fault_45_not_allowed_to_change_anything(tmp_path):
    action = do.status(403, "DCS.2003", "no permission")
    history = proved(tmp_path, Rule(kind="put", times=None, do=action), store=Store(12), code=77, concurrency=1)

    assert len(history.puts) == len(history.in_state("failed")) == 3
    assert "dcs:migrationTask:modify" in hints(history)


def test_fault_45_not_allowed_to_change_one_task(tmp_path):
    store = Store(6)
    one = store.ids[2]
    action = do.status(403, "DCS.2003", "no permission")
    history = proved(tmp_path, Rule(task_id=one, times=None, do=action), store=store, code=3)

    assert {task_id for task_id, state in history.states().items() if state == "failed"} == {one}
    assert len(history.in_state("verified")) == 5


def test_fault_46_the_key_is_locked(tmp_path):
    said = "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden"
    history = proved(tmp_path, Rule(kind="put", nth=3, times=None, do=do.status(401, "APIGW.0301", said)), code=77)

    assert 1 <= len(refused(history)) <= 3
    assert "do not rerun before" in hints(history)


def trusted_by(folder):
    authority = trustme.CA()
    folder.mkdir(exist_ok=True)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return {
        "tls": server_tls(authority.issue_cert("127.0.0.1")),
        "arguments": ("--ca-file", str(folder / "ca.pem")),
    }


@pytest.mark.parametrize(("ahead_s", "side"), [(1200, "behind"), (-1200, "ahead of")])
def test_fault_47_the_clocks_disagree(tmp_path, ahead_s, side):
    history = proved(tmp_path, Rule(do=do.skew_date(ahead_s)), **trusted_by(tmp_path), concurrency=4)
    (corrected,) = history.events("credentials.refreshed")
    (told,) = history.events("clock.skewed")

    assert len(refused(history)) == 1
    assert "signed with the server's time" in corrected.message
    assert abs(told.skew_s + ahead_s) < 5
    assert f"clock is {abs(told.skew_s):.0f} s {side} the server's" in messages(history)
    assert len(history.in_state("verified")) == 6


@pytest.mark.parametrize(("ahead_s", "told"), [(100, 1), (30, 0)])
def test_fault_47_a_small_difference_is_told_above_a_minute_and_changes_nothing(tmp_path, ahead_s, told):
    history = proved(tmp_path, Rule(do=do.skew_date(ahead_s)))

    assert refused(history) == []
    assert len(history.events("clock.skewed")) == told
    assert len(history.report["notices"]) == told
    assert (b"warning: eu-west-101: this machine's clock is" in history.written["stdout"]) is bool(told)


def test_fault_47_the_server_says_expired_and_its_date_agrees(tmp_path):
    action = do.status(401, "APIGW.0303", "Incorrect app authentication information: signature expired")
    history = proved(tmp_path, Rule(times=None, do=action), **trusted_by(tmp_path), code=77)

    assert len(history.records) <= 2
    assert "clock" in hints(history) + messages(history)


def test_fault_48_the_process_sleeps_and_goes_on_without_a_burst(tmp_path):
    def put_to_sleep(process, server):
        until(lambda: len(server.puts) >= 5)
        process.send_signal(signal.SIGSTOP)
        time.sleep(1)
        process.send_signal(signal.SIGCONT)

    history = proved(tmp_path, store=Store(40), concurrency=2, pace=1, rate=(20, "s"), only_started=put_to_sleep)

    # C7 has seen that the requests after it were no faster than those before.
    assert len(history.in_state("verified")) == 40

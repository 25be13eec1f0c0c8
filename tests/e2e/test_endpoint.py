"""Exit codes 69, 76 and 74: nothing answers, something else answers, or the run cannot be recorded."""

import socket

import pytest

from tests.e2e.policies import adds_up, drifting, nightly
from tests.simulated import simulator
from tests.wire_server import response, saying, serving

KEYS = {"HUAWEICLOUD_SDK_AK": "AK", "HUAWEICLOUD_SDK_SK": "SK", "HUAWEICLOUD_SDK_PROJECT_ID": "0" * 32}


@pytest.fixture
def dead_end():
    """An address that is taken, so that nobody else gets it, and that refuses every connection."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def test_an_endpoint_that_is_down_is_unavailable(enforcer, dead_end):
    outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", "--endpoint", dead_end, env=KEYS)

    assert outcome.code == 69, outcome
    assert enforcer.report()["exit"] == {"code": 69, "name": "unavailable"}
    assert adds_up(enforcer.report())


def test_an_iam_that_is_down_is_unavailable(enforcer, dead_end):
    with simulator() as cloud:
        env = cloud.env_of_password | {"ENFORCER_IAM_ENDPOINT": dead_end}
        outcome = enforcer("plan", enforcer.policy(nightly()), env=env)

        assert outcome.code == 69, outcome
        assert cloud.requests() == []


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(response(200, "<html><h1>Welcome</h1></html>", {"Content-Type": "text/html"}), id="HTML"),
        pytest.param(response(302, b"", {"Location": "http://127.0.0.1:1/elsewhere"}), id="redirect"),
        pytest.param(response(200, '{"hello": "world"}'), id="other JSON"),
        pytest.param(response(200, "[" * 100_000), id="garbage"),
        pytest.param(response(404, "<html>nginx</html>"), id="404"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="not HTTP"),
    ],
)
@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes")], ids=lambda line: line[0])
async def test_an_endpoint_that_is_not_dcs_is_asked_once(enforcer, answer, command):
    policy = enforcer.policy(nightly())
    async with serving(saying(answer)) as server:
        outcome = await enforcer.beside(command[0], policy, *command[1:], "--endpoint", server.url, env=KEYS)

        assert outcome.code == 76, outcome
        assert server.methods == ["GET"]
    assert "Traceback" not in outcome.err


async def test_an_endpoint_that_stops_being_dcs_gets_no_further_puts(enforcer):
    rows = [
        {"task_id": f"{n:032x}", "task_name": f"cache-{n}", "resume_mode": "auto", "status": "MIGRATING"}
        | {"migration_type": "online_migration", "migration_method": "incremental_migration"}
        for n in range(20)
    ]
    listed = response(200, {"count": len(rows), "migration_tasks": rows})
    moved = response(302, b"", {"Location": "http://127.0.0.1:1/login"})
    policy = enforcer.policy(nightly(rate="50/s", concurrency=1))
    async with serving(saying(listed, moved)) as server:
        outcome = await enforcer.beside("apply", policy, "--yes", "--endpoint", server.url, env=KEYS)

        assert outcome.code == 76, outcome
        assert server.methods.count("PUT") == 1
    assert enforcer.report()["totals"]["not_attempted"] == len(rows) - 1
    assert adds_up(enforcer.report())


def test_without_a_place_for_the_journal_nothing_is_asked(enforcer):
    not_a_folder = enforcer.folder / "file"
    not_a_folder.write_text("in the way")
    with simulator(drift=0.2) as cloud:
        for state in (not_a_folder, not_a_folder / "below"):
            outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", "--state-dir", state, env=cloud.env)

            assert outcome.code == 74, outcome
            assert str(not_a_folder) in outcome.err
            assert "Traceback" not in outcome.err
        assert cloud.requests() == []


def test_a_file_that_is_no_journal_is_left_as_it_is(enforcer):
    enforcer.state.mkdir()
    theirs = enforcer.state / "journal.db"
    theirs.write_bytes(b"something else entirely\n" * 100)
    with simulator(drift=0.2) as cloud:
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env)

        assert outcome.code == 74, outcome
        assert cloud.requests() == []
    assert enforcer("runs", "list").code == 74
    assert theirs.read_bytes() == b"something else entirely\n" * 100


def test_a_report_that_cannot_be_written_is_said_and_the_journal_still_has_it(enforcer):
    in_the_way = enforcer.folder / "file"
    in_the_way.write_text("in the way")
    with simulator(drift=0.2) as cloud:
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", "--report-dir", in_the_way, env=cloud.env)

        assert outcome.code == 74, outcome
        assert drifting(cloud.tasks()) == {}
    assert enforcer.journalled()["exit"]["code"] == 0
    assert enforcer.journalled()["totals"]["verified"] > 0

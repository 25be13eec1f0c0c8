"""Exit code 3: the run went to its end, and not everything is as decided. The report says what is not."""

from tests.e2e.policies import adds_up, attempts, drifting, nightly, states
from tests.simulated import simulator
from tests.wire_server import response, serving

KEYS = {"HUAWEICLOUD_SDK_AK": "AK", "HUAWEICLOUD_SDK_SK": "SK", "HUAWEICLOUD_SDK_PROJECT_ID": "0" * 32}
SOUND = {"status": "MIGRATING", "migration_type": "online_migration", "migration_method": "incremental_migration"}


def a_row(number, **fields):
    return SOUND | {"task_id": f"{number:032x}", "task_name": f"pay-{number}", "resume_mode": "manual"} | fields


class Service:
    """A DCS of a few rows. *script* has, by row number, the steps that its PUTs go through; the last one stays."""

    def __init__(self, rows, script=None, *, count=None):
        self.rows = {row["task_id"]: row for row in rows}
        self.count = len(rows) if count is None else count
        self.script = {rows[number]["task_id"]: list(steps) for number, steps in (script or {}).items()}

    async def __call__(self, seen, writer):
        if seen.method == "PUT":
            task_id = seen.target.rpartition("/")[2]
            steps = self.script.get(task_id, [taking])
            step = steps.pop(0) if len(steps) > 1 else steps[0]
            step(self.rows[task_id], seen, writer)
            return
        if "/migration-task/" in seen.target:
            writer.write(response(200, self.rows[seen.target.rpartition("/")[2]]))
            return
        rows = list(self.rows.values()) if "offset=0" in seen.target else []
        writer.write(response(200, {"count": self.count, "migration_tasks": rows}))


def store(row, seen):
    row["resume_mode"] = "auto" if b'"auto"' in seen.body else "manual"


def taking(row, seen, writer):
    store(row, seen)
    writer.write(response(200))


def refusing(row, seen, writer):
    writer.write(response(400, {"error_code": "DCS.4026", "error_msg": "The task does not allow it."}))


def forbidding(row, seen, writer):
    writer.write(response(403, {"error_code": "DCS.2003", "error_msg": "Not this one."}))


def hanging_up(row, seen, writer):
    writer.transport.abort()


def taking_and_hanging_up(row, seen, writer):
    store(row, seen)
    writer.transport.abort()


async def applied(enforcer, service):
    policy = enforcer.policy(nightly())
    async with serving(service) as server:
        line = ("apply", policy, "--yes", "--settle", "1s", "--endpoint", server.url)
        return await enforcer.beside(*line, env=KEYS), server


async def test_a_task_that_the_service_refuses_fails_alone_and_is_not_sent_again(enforcer):
    rows = [a_row(number) for number in range(6)]
    outcome, server = await applied(enforcer, Service(rows, {2: [refusing], 4: [forbidding]}))

    assert outcome.code == 3, outcome
    assert server.methods.count("PUT") == 6
    assert list(states(enforcer.report()).values()) == [
        *("verified", "verified", "failed", "verified", "failed", "verified")
    ]
    assert enforcer.report()["targets"][0]["tasks"][2]["error_code"] == "DCS.4026"
    assert adds_up(enforcer.report())


async def test_an_answer_that_got_lost_is_settled_by_reading(enforcer):
    rows = [a_row(number) for number in range(3)]
    outcome, server = await applied(enforcer, Service(rows, {1: [taking_and_hanging_up, refusing]}))

    assert outcome.code == 0, outcome
    assert list(states(enforcer.report()).values()) == ["verified"] * 3
    # One attempt is one request: the library must not send a lost PUT again by itself.
    assert server.methods.count("PUT") == attempts(enforcer.report())


async def test_a_lost_answer_to_a_change_that_did_not_happen_is_a_failure(enforcer):
    rows = [a_row(number) for number in range(2)]
    outcome, _ = await applied(enforcer, Service(rows, {0: [hanging_up, refusing]}))

    assert outcome.code == 3, outcome
    assert list(states(enforcer.report()).values()) == ["failed", "verified"]


async def test_a_list_that_promises_more_than_it_has_is_told(enforcer):
    outcome, _ = await applied(enforcer, Service([a_row(1, resume_mode="auto")], count=5))

    assert outcome.code == 3, outcome
    assert enforcer.report()["targets"][0]["inventory"]["stable"] is False


def test_what_was_taken_and_does_not_show_is_a_mismatch(enforcer):
    with simulator(drift=0.5, ack_without_apply="50%") as cloud:
        wrong = drifting(cloud.tasks())
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", "--settle", "1s", env=cloud.env)

        still_wrong = drifting(cloud.tasks())
        assert 0 < len(still_wrong) < len(wrong)
        assert outcome.code == 3, outcome
        assert len(cloud.puts()) == len(wrong)
        assert states(enforcer.report()) == {
            task_id: "mismatch" if task_id in still_wrong else "verified" for task_id in wrong
        }


def test_odd_rows_are_skipped_and_nothing_odd_is_sent(enforcer):
    with simulator(drift=0.2, hostile=True) as cloud:
        sound = drifting([task for task in cloud.tasks() if plain(task)])
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env)

        assert outcome.code == 3, outcome
        report = enforcer.report()
        assert report["totals"]["skipped"] > 0
        assert report["totals"]["listed"] == len(cloud.tasks())
        assert adds_up(report)
        became = states(report)
        assert {became[task_id] for task_id in sound} == {"verified"}
        assert {put["status"] for put in cloud.puts()} == {200}
        sent = {put["path"].rpartition("/")[2] for put in cloud.puts()}
        assert sent == {task_id for task_id, state in became.items() if state == "verified"}


def plain(task):
    return set(task) >= {"task_id", "task_name", "status", "resume_mode"} and task["task_name"] in {
        f"{family}-{number}"
        for family in ("pay-orders", "pay-refunds", "pay-ledger", "sh-wan", "gz-wan", "dr-orders", "dr-sessions")
        for number in range(1, 10)
    }

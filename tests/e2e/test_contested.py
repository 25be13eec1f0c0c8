"""A task that somebody keeps resetting is left alone through the command, until a person clears it."""

from tests.e2e.policies import nightly, states
from tests.e2e.test_partial import KEYS, Service, a_row
from tests.wire_server import serving


async def test_after_three_nights_of_resetting_a_task_is_left_alone_until_it_is_cleared(enforcer):
    policy = enforcer.policy(nightly())
    fought = f"{1:032x}"
    service = Service([a_row(0, resume_mode="auto"), a_row(1)])
    async with serving(service) as server:

        async def apply():
            line = ("apply", policy, "--yes", "--endpoint", server.url)
            return await enforcer.beside(*line, env=KEYS)

        for _ in range(3):
            assert (await apply()).code == 0
            service.rows[fought]["resume_mode"] = "manual"

        for _ in range(2):
            contested = await apply()
            assert contested.code == 3, contested
            assert states(enforcer.report()) == {fought: "deferred"}
            assert f"enforcer contested clear {fought}" in contested.out
        assert server.methods.count("PUT") == 3
        (row,) = enforcer("contested", "list", "--format", "json").json()
        assert (row["task_id"], row["mode"]) == (fought, "auto")
        assert fought in enforcer("contested", "list").out

        wrong = enforcer("contested", "clear", "no-such-task")
        assert wrong.code == 64, wrong
        assert enforcer("contested", "clear", fought).code == 0
        assert enforcer("contested", "list").out == "No task is contested.\n"
        assert (await apply()).code == 0
        assert server.methods.count("PUT") == 4

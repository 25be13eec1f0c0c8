"""A list that cannot be the whole is refused through the command, unless a person names its number."""

from tests.e2e.policies import nightly
from tests.e2e.test_partial import KEYS, Service, a_row
from tests.simulated import simulator
from tests.wire_server import serving


async def test_a_list_that_shrank_is_refused_until_its_number_is_named(enforcer):
    policy = enforcer.policy(nightly())
    service = Service([a_row(number, resume_mode="auto") for number in range(40)])
    async with serving(service) as server:

        async def run(command, *flags):
            return await enforcer.beside(command, policy, *flags, "--endpoint", server.url, env=KEYS)

        first = await run("apply", "--yes")
        assert first.code == 0, first
        assert "no baseline" in first.out
        for number in range(12, 40):
            del service.rows[f"{number:032x}"]
        service.count = 12
        service.rows[f"{0:032x}"]["resume_mode"] = "manual"

        for flags in ((), ("--accept-inventory", "11", "emptied"), ("--allow-partial",), ("--break-glass", "x")):
            refused = await run("apply", "--yes", *flags)
            assert refused.code == 4, refused
            assert "shrank from 40 to 12 tasks" in refused.out
            assert "--accept-inventory 12 REASON" in refused.out
        assert (await run("plan")).code == 4
        assert "PUT" not in server.methods

        accepted = await run("apply", "--yes", "--accept-inventory", "12", "emptied (CHG-1)")
        assert accepted.code == 0, accepted
        assert server.methods.count("PUT") == 1
        assert "emptied (CHG-1)" in enforcer.report()["notices"][0]["message"]
        assert enforcer.report()["targets"][0]["inventory"]["baseline"] == 40

        again = await run("plan", "--format", "json")
        assert again.code == 0, again
        assert again.json()["targets"][0]["inventory"]["baseline"] == 12


def test_an_acceptance_wants_a_number_and_a_reason(enforcer):
    with simulator() as cloud:
        for words in (("x", "y"), ("-1", "y"), ("5", " ")):
            outcome = enforcer("plan", enforcer.policy(nightly()), "--accept-inventory", *words, env=cloud.env)
            assert outcome.code == 64, outcome
        assert cloud.requests() == []

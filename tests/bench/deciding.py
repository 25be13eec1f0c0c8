"""What a plan of a large fleet under a long policy costs: list, decide, report; nothing is sent."""

from collections.abc import Iterator

from tests.bench import fleet
from tests.bench.figures import Figure, at_most
from tests.bench.yard import Yard, server, totals

TASKS = 10_000
AUTO_EVERY = 20
RUNS = 5
CASE = "plan, 10,000 tasks, 1,000 rules"


def measure(yard: Yard) -> Iterator[Figure]:
    policy = yard.policy("thousand-rules", fleet.thousand_rules())
    with server(tasks=TASKS, auto_every=AUTO_EVERY) as stand:
        plan = ("plan", policy, "--endpoint", stand.endpoint, "--rate", "unlimited", "--format", "json")
        warm = totals(yard.enforcer(*plan).out)
        if warm["listed"] != TASKS or not warm["planned"]:
            raise RuntimeError(f"the plan is not what it should be: {warm}")
        runs = [yard.enforcer(*plan) for _ in range(RUNS)]
    checks = [yard.enforcer("check", policy) for _ in range(RUNS)]
    yield Figure(case=CASE, what="wall", unit="s", runs=tuple(run.wall_s for run in runs), goal=at_most(1.5))
    yield Figure(case=CASE, what="peak memory", unit="MiB", runs=tuple(run.peak_mb for run in runs), goal=at_most(150))
    yield Figure(case=CASE, what="of it reading the policy (check)", unit="s", runs=tuple(run.wall_s for run in checks))

"""What it costs to decide: in the core alone, as the rules become more, and as a plan from the start to the end."""

from collections.abc import Iterator
from functools import partial

from tests.bench import fleet
from tests.bench.figures import Figure, at_most, floor, ours, peer
from tests.bench.yard import Yard, server, totals

MIXES = ((100_000, 1_000, 0.5, 1_000), (1_000_000, 10_000, 8.0, 200))
"""Tasks, rules, the goal in seconds, and how many tasks the peer is timed over."""
KINDS = {"exact": ("exact ids", 1.5), "prefix": ("prefixes", 1.5), "glob": ("globs", 3), "regex": ("regexes", 3)}
"""Of each kind of rule its name, and how often as much ten thousand of them may cost as ten."""
MEMORY_TASKS = 50_000
PLAN_TASKS, PLAN_RULES, AUTO_EVERY = 10_000, 1_000, 20


def measure(yard: Yard) -> Iterator[Figure]:
    for tasks, rules, goal_s, timed in MIXES:
        yield _mix(yard, tasks, rules, goal_s, timed)
    for kind in KINDS:
        yield _flat(yard, kind)
    runs = [yard.module("loops.deciding", "memory", MEMORY_TASKS).said["bytes"] for _ in range(yard.rounds)]
    yield Figure(case="deciding", what="memory a task", unit="bytes", ours=ours(runs, at_most(500)))
    yield from _plan(yard)


def _mix(yard: Yard, tasks: int, rules: int, goal_s: float, timed: int) -> Figure:
    said = yard.module("loops.deciding", "mix", tasks, rules, yard.rounds).values
    loop = yard.module("loops.deciding", "globs", timed, rules, yard.rounds).values["seconds"]
    return Figure(
        case="deciding",
        what=f"{tasks:,} tasks x {rules:,} rules",
        unit="s",
        ours=ours(said["seconds"], at_most(goal_s)),
        beside=(
            peer(f"a loop over compiled expressions (x {tasks // timed:,})", (each * tasks / timed for each in loop)),
            floor("one look into a dict", said["lookup"]),
        ),
    )


def _flat(yard: Yard, kind: str) -> Figure:
    name, most = KINDS[kind]
    by_rules = yard.module("loops.deciding", "flat", kind, yard.rounds).values
    *fewer, (many, runs) = by_rules.items()
    return Figure(
        case="deciding",
        what=f"a task among {int(many):,} {name}",
        unit="µs",
        ours=ours(runs),
        beside=tuple(
            ours(each, at_most(most, f"≤ {most:g} x") if rules == fewer[0][0] else None, name=f"among {int(rules):,}")
            for rules, each in fewer
        ),
    )


def _plan(yard: Yard) -> Iterator[Figure]:
    policy = yard.policy("thousand-rules", fleet.policy_text(PLAN_RULES))
    with server(tasks=PLAN_TASKS, auto_every=AUTO_EVERY) as stand:
        arguments = ("plan", policy, "--endpoint", stand.endpoint, "--rate", "unlimited", "--format", "json")
        plans, checks = yard.in_turn(partial(yard.enforcer, *arguments), partial(yard.enforcer, "check", policy))
    made = totals(plans[0].out)
    if made["listed"] != PLAN_TASKS or not made["planned"]:
        raise RuntimeError(f"the plan is not what it should be: {made}")
    case = f"plan, {PLAN_TASKS:,} tasks, {PLAN_RULES:,} rules"
    yield Figure(
        case=case,
        what="from start to end",
        unit="s",
        ours=ours([run.wall_s for run in plans], at_most(1.5)),
        beside=(ours([run.wall_s for run in checks], name="of it reading the policy (check)"),),
    )
    yield Figure(case=case, what="peak memory", unit="MiB", ours=ours([run.peak_mb for run in plans], at_most(150)))

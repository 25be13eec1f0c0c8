"""How long a person waits for the commands that do next to nothing."""

import sys
from collections.abc import Iterator
from functools import partial

from tests.bench import fleet
from tests.bench.figures import Figure, at_most, floor, ours, peer
from tests.bench.yard import Yard, server

TASKS = 1_000
SDK = "import huaweicloudsdkdcs.v2"


def measure(yard: Yard) -> Iterator[Figure]:
    policy = yard.policy("all-manual", fleet.ALL_MANUAL)
    with server(tasks=TASKS, auto_every=TASKS + 1) as stand:
        # The one task in auto is set to manual by the first apply, which only warms up.
        nothing = ("apply", policy, "--yes", "--endpoint", stand.endpoint)
        ways = {
            "--help": partial(yard.enforcer, "--help"),
            "check": partial(yard.enforcer, "check", "policies/nightly.yaml"),
            "apply": partial(yard.enforcer, *nothing),
            "python": partial(yard.program, sys.executable, "-c", "pass"),
            "sdk": partial(yard.program, sys.executable, "-c", SDK),
        }
        finished = yard.in_turn(*ways.values())
    walls = {name: [run.wall_s * 1000 for run in runs] for name, runs in zip(ways, finished, strict=True)}
    beside = (peer("python -c 'import huaweicloudsdkdcs.v2'", walls["sdk"]), floor("python -c pass", walls["python"]))
    for what, name, bound_ms in (
        ("enforcer --help", "--help", 100),
        ("enforcer check policies/nightly.yaml", "check", 250),
        (f"enforcer apply, nothing to do on {TASKS:,} tasks", "apply", 600),
    ):
        yield Figure(case="start-up", what=what, unit="ms", ours=ours(walls[name], at_most(bound_ms)), beside=beside)

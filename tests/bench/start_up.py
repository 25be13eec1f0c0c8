"""How long a person waits for the commands that do next to nothing."""

from collections.abc import Iterator

from tests.bench.figures import Figure, at_most
from tests.bench.yard import Yard

RUNS = 10


def measure(yard: Yard) -> Iterator[Figure]:
    for what, bound_ms, arguments in (
        ("--help", 150, ("--help",)),
        ("check policies/nightly.yaml", 350, ("check", "policies/nightly.yaml")),
    ):
        yard.enforcer(*arguments)  # the first start writes bytecode and fills the page cache
        runs = [yard.enforcer(*arguments).wall_s * 1000 for _ in range(RUNS)]
        yield Figure(case="start-up", what=what, unit="ms", runs=tuple(runs), goal=at_most(bound_ms))

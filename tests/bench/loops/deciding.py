"""What a decision costs, with nothing around it.  python -m tests.bench.loops.deciding WHAT [ARGUMENT...]

    mix TASKS RULES ROUNDS     rules of every kind; prints seconds for all tasks, and what one lookup in a dict costs
    flat KIND ROUNDS           microseconds a task among 10, 100, 1,000 and 10,000 rules of one kind
    globs TASKS RULES ROUNDS   the same mix as a loop over fnmatch and re, which is what a script would do
    memory TASKS               bytes that a task takes once it is read from a page of the list

Prints JSON.
"""

import fnmatch
import gc
import json
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from enforcer.core.decide import decide
from enforcer.core.overrides.compiled import NO_OVERRIDES
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.dcs.api import wire
from enforcer.dcs.api.call import Answer
from enforcer.model.answer import Page
from enforcer.model.plan import Ground
from enforcer.model.policy import Policy
from enforcer.model.rule import Match, Origin, PolicyMode, Rule
from enforcer.model.task import ResumeMode, Task
from tests.bench import fleet

NOW = datetime(2026, 11, 25, tzinfo=UTC)
KINDS: Mapping[str, Callable[[int], Match]] = {
    "exact": lambda number: Match(task_id=(fleet.task_id(number),)),
    "prefix": lambda number: Match(task_name=(f"svc-{number:03}-*",)),
    "glob": lambda number: Match(task_name=(f"s?c-*-mid-{number:03}-*",)),
    "regex": lambda number: Match(task_name=(f"re:svc-\\d+-mid-0*{number}-\\d+-x\\d*",)),
}
FLAT_TASKS = 10_000
FLAT_RULES = (10, 100, 1_000, 10_000)
PAGE = 1_000


def tasks(numbers: Iterable[int], rules: int) -> tuple[Task, ...]:
    return tuple(
        Task(
            target="bench",
            task_id=fleet.task_id(each),
            task_name=fleet.task_name(each, rules),
            status="INCRMIGEATING",
            migration_type="online_migration",
            migration_method="incremental_migration",
            resume_mode=ResumeMode.AUTO,
        )
        for each in numbers
    )


def compiled(matches: Iterable[Match]) -> CompiledPolicy:
    origin = Origin(file="bench.yaml", line=1)
    rules = tuple(
        Rule(id=f"rule-{number}", match=match, mode=PolicyMode.MANUAL, origin=origin)
        for number, match in enumerate(matches)
    )
    return CompiledPolicy(Policy(name="bench", files=("bench.yaml",), sha256="0" * 64, rules=rules))


def decided(policy: CompiledPolicy, fleet_: Sequence[Task]) -> int:
    """Decide for all, and return for how many a rule spoke."""
    return sum(decide(task, policy, NO_OVERRIDES, NOW).ground is Ground.RULE for task in fleet_)


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of *work*, which waits for nothing."""
    began = time.process_time()
    work()
    return time.process_time() - began


def mix(number: int, rules: int, rounds: int) -> dict[str, list[float]]:
    all_tasks = tasks(range(number), rules)
    policy = compiled(fleet.matches(rules))
    if not 0.5 * number < decided(policy, all_tasks) < number:
        raise RuntimeError("the rules do not hit as many tasks as they should")
    known = dict.fromkeys(task.task_id for task in all_tasks[::25])
    gc.freeze()  # as the command does, once everything is loaded
    return {
        "seconds": [seconds(lambda: decided(policy, all_tasks)) for _ in range(rounds)],
        "lookup": [seconds(lambda: sum(task.task_id in known for task in all_tasks)) for _ in range(rounds)],
    }


def flat(kind: str, rounds: int) -> dict[str, list[float]]:
    measured = {}
    for rules in FLAT_RULES:
        # However many rules there are, each task is one that one of them is about.
        all_tasks = tasks((each % rules for each in range(FLAT_TASKS)), FLAT_RULES[-1])
        policy = compiled(map(KINDS[kind], range(rules)))
        if decided(policy, all_tasks) != FLAT_TASKS:
            raise RuntimeError("not every task is hit by a rule")
        runs = [seconds(lambda: decided(policy, all_tasks)) for _ in range(rounds)]  # noqa: B023 - called at once
        measured[f"{rules}"] = [1e6 * each / FLAT_TASKS for each in runs]
    return measured


def globs(number: int, rules: int, rounds: int) -> dict[str, list[float]]:
    matches = [
        (name, re.compile(text.removeprefix("re:") if text.startswith("re:") else fnmatch.translate(text)))
        for match in fleet.matches(rules)
        for name in ("task_id", "task_name")
        for text in getattr(match, name)
    ]
    all_tasks = tasks(range(number), rules)

    def first_of_each() -> None:
        for task in all_tasks:
            next((place for place, (name, test) in enumerate(matches) if test.fullmatch(getattr(task, name))), None)

    return {"seconds": [seconds(first_of_each) for _ in range(rounds)]}


def memory(number: int) -> dict[str, float]:
    """Read pages as they come from the API, keep the tasks, and see by how much the process has grown."""
    pages = [_page(offset) for offset in (0, PAGE)]
    kept: list[Task] = []
    kept.extend(_read(_page(0), 0))  # what the first page loads is not what a task takes
    del pages
    gc.collect()
    before = _resident()
    for offset in range(PAGE, number + PAGE, PAGE):
        kept.extend(_read(_page(offset), offset))
    return {"bytes": (_resident() - before) / number}


def _page(offset: int) -> bytes:
    rows = [{**fleet.row(number), "resume_mode": "auto"} for number in range(offset, offset + PAGE)]
    return json.dumps({"count": PAGE, "migration_tasks": rows}).encode()


def _read(body: bytes, offset: int) -> Sequence[Task]:
    page = wire.read_page(Answer(status=200, headers={}, body=body), target="bench", offset=offset)
    if not isinstance(page, Page):
        raise TypeError(page)
    return page.tasks


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    if what == "flat":
        measured: object = flat(given[0], int(given[1]))
    else:
        ways: dict[str, Callable[..., object]] = {"mix": mix, "globs": globs, "memory": memory}
        measured = ways[what](*map(int, given))
    sys.stdout.write(json.dumps(measured))

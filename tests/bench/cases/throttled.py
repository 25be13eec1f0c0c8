"""A server that takes fewer requests than it is asked for, and tells nobody how many.

Beside the tool is the SDK's loop, which on a 429 waits a second and tries the same again. The ideal is the changes
divided by the limit. All rounds run side by side, since they wait.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bench import fleet
from tests.bench.figures import Figure, at_most, ours, peer
from tests.bench.yard import Stand, Yard, server

PEER = "SDK, loop that waits a second after a 429"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A limit of *count* requests in any *period_s*, and what is asked of the server that has it."""

    name: str
    count: int
    period_s: float
    changes: int
    asked: str
    """The rate that the tool is given."""

    @property
    def ideal_s(self) -> float:
        return self.changes / self.count * self.period_s


HIDDEN = (
    Hidden(name="20/s", count=20, period_s=1.0, changes=1_000, asked="100/s"),
    Hidden(name="60/minute", count=60, period_s=60.0, changes=150, asked="5/s"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    share: float
    """From the first PUT to the last that was taken, as a share of the ideal."""
    refused: float
    """Percent of all answers."""


def measure(yard: Yard) -> Iterator[Figure]:
    policy = yard.policy("all-manual", fleet.ALL_MANUAL)
    ways: list[Callable[[], Course]] = []
    for hidden in HIDDEN:
        ways.append(partial(_course, hidden, partial(_tool, yard, policy, hidden)))
        ways.append(partial(_course, hidden, partial(_sdk, yard, hidden)))
    courses = yard.side_by_side(ways * yard.rounds)
    for number, hidden in enumerate(HIDDEN):
        tool, sdk = courses[2 * number :: len(ways)], courses[2 * number + 1 :: len(ways)]
        case = f"throttled, {hidden.changes} changes against a hidden {hidden.name}"
        yield Figure(
            case=case,
            what="time ÷ ideal",
            unit="",
            ours=ours([each.share for each in tool], at_most(1.15)),
            beside=(peer(PEER, (each.share for each in sdk)),),
        )
        yield Figure(
            case=case,
            what="answers that say slow down",
            unit="%",
            ours=ours([each.refused for each in tool], at_most(2)),
            beside=(peer(PEER, (each.refused for each in sdk)),),
        )


def _course(hidden: Hidden, send: Callable[[Stand], object]) -> Course:
    with server(tasks=hidden.changes, limit=hidden.count, period_s=hidden.period_s) as stand:
        send(stand)
        came = stand.arrivals()
    puts = [each.at for each in came if each.method == "PUT"]
    taken = [each.at for each in came if each.method == "PUT" and each.status == 200]
    if len(taken) != hidden.changes:
        raise RuntimeError(f"{len(taken)} PUTs were taken instead of {hidden.changes}")
    refused = sum(each.status == 429 for each in came)
    return Course(share=(taken[-1] - puts[0]) / hidden.ideal_s, refused=100 * refused / len(came))


def _tool(yard: Yard, policy: Path, hidden: Hidden, stand: Stand) -> None:
    yard.enforcer("apply", policy, "--yes", "--endpoint", stand.endpoint, "--rate", hidden.asked)


def _sdk(yard: Yard, hidden: Hidden, stand: Stand) -> None:
    yard.module("peers.sdk", "patient", stand.endpoint, hidden.changes)

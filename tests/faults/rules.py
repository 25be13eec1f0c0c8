"""Which request gets which treatment: ordered rules, the first that hits counts. No I/O."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tests.faults.ledger import Record

if TYPE_CHECKING:
    from tests.faults.server import Exchange

Action: TypeAlias = Callable[["Exchange"], Awaitable[None]]


@dataclass(kw_only=True)
class Rule:
    """*do* is done to the *nth* request that fits, and the *times* - 1 after it (None: all after it)."""

    do: Action
    name: str = ""
    kind: str | None = None
    """``list``, ``show``, ``put``, ``other``; None: any."""
    after_put: bool | None = None
    """Only before (False) or after (True) the first PUT arrived; None: always."""
    task_id: str | None = None
    nth: int = 1
    times: int | None = 1
    seen: int = field(default=0, init=False)

    def hits(self, record: Record, *, puts_before: int) -> bool:
        """Count *record* if it fits, and say whether its turn has come."""
        if self.kind not in (None, record.kind) or self.task_id not in (None, record.task_id):
            return False
        if self.after_put is not None and self.after_put != (puts_before > 0):
            return False
        self.seen += 1
        return self.nth <= self.seen and (self.times is None or self.seen < self.nth + self.times)


@dataclass(kw_only=True)
class Scenario:
    """What a server does with requests, in order of arrival, and with connections."""

    rules: Sequence[Rule] = ()
    connections: dict[int, str] = field(default_factory=dict)
    """What happens to the nth connection, from 1: ``stall`` or ``reset`` before TLS and HTTP; 0 stands for all."""

    def action_for(self, record: Record, *, puts_before: int) -> Rule | None:
        """Return the rule whose turn it is, None for the ordinary treatment. To be asked once a request."""
        hit = [rule for rule in self.rules if rule.hits(record, puts_before=puts_before)]
        return hit[0] if hit else None

"""A dated, reasoned exception to the policy, for the tasks that its patterns name."""

from datetime import datetime
from typing import ClassVar, TypeAlias

from msgspec import Struct

from enforcer.model.rule import Origin, PolicyMode


class Override(Struct, frozen=True, kw_only=True):
    """What some tasks should have until a time, whatever the rules say. All times are aware, in UTC."""

    id: str
    patterns: tuple[str, ...]
    """At least one, in the language of policies (docs/policy.md); one that hits a task's id or its name is enough."""
    mode: PolicyMode
    reason: str
    created: datetime
    expires: datetime
    """Later than *created*; from then on it is no longer in force."""
    owner: str
    """Who added it, as the system named them."""
    host: str | None = None
    """Where it was added; None: it stands in a policy."""
    targets: tuple[str, ...] = ()
    """Names of targets; empty: every target."""
    ticket: str | None = None
    run_id: str | None = None
    """The run that made its tasks so at once: then it is an incident, and is called like it."""
    ended_at: datetime | None = None
    """When somebody ended it before its time."""
    ended_by: str | None = None
    origin: Origin | None = None
    """Where it stands in a policy; None: it is kept in the state directory."""

    @property
    def ends(self) -> datetime:
        """When it stops to be in force, or did."""
        return self.expires if self.ended_at is None else min(self.ended_at, self.expires)

    def is_in_force(self, now: datetime) -> bool:
        """Return whether it counts at *now*.

        That *created* is past is not asked: a host whose clock is behind has to honour what another host added.
        """
        return now < self.ends


class Added(Struct, frozen=True, kw_only=True):
    """An override came into being, here or by import."""

    kind: ClassVar[str] = "added"
    at: datetime
    by: str
    """``user on host``."""
    override: Override

    @property
    def override_id(self) -> str:
        return self.override.id


class Extended(Struct, frozen=True, kw_only=True):
    """An override in force got a later end."""

    kind: ClassVar[str] = "extended"
    at: datetime
    by: str
    override_id: str
    expires: datetime


class Ended(Struct, frozen=True, kw_only=True):
    """An override was ended before its time."""

    kind: ClassVar[str] = "ended"
    at: datetime
    by: str
    override_id: str


Step: TypeAlias = Added | Extended | Ended
"""What can happen to an override. The steps are what is kept; an Override is what they come to."""

STEPS: dict[str, type[Step]] = {cls.kind: cls for cls in Step.__args__}
"""Every kind and its class."""

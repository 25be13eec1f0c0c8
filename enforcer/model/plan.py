"""What policy and overrides make of an inventory, before anything is sent."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from enforcer.model.history import History
from enforcer.model.override import Override
from enforcer.model.rule import Rule
from enforcer.model.target import TargetRef
from enforcer.model.task import Inventory, ResumeMode, Task


class Ground(StrEnum):
    """What a decision rests on."""

    NOT_ELIGIBLE = "not eligible"
    OVERRIDE = "override"
    RULE = "rule"
    DEFAULT = "default"


class Decision(Struct, frozen=True, kw_only=True):
    """What should become of one task."""

    desired: ResumeMode | None
    """None: leave it alone."""
    ground: Ground
    rule: Rule | None = None
    """The rule that decided, if one did."""
    override: Override | None = None
    """The override that decided, if one did."""


class Cause(Struct, frozen=True, kw_only=True):
    """What asks for a change, as reports name it: a rule, an override, the default, or whatever else may ask."""

    name: str
    origin: str | None = None
    """``file:line``, where it stands in a file."""
    reason: str | None = None
    priority: int = 0
    """Order inside a run: higher first."""


class Change(Struct, frozen=True, kw_only=True):
    """A task whose observed mode is not the desired one."""

    task: Task
    desired: ResumeMode
    cause: Cause
    obstacle: str | None = None
    """Why it must not be sent, in words: the row is unsound or its mode unknown. None: it may be."""
    condition: "Condition | None" = None
    """What has to hold of the task just before it is sent; it is looked up for that. None: nothing more."""


class Condition(Protocol):
    """Under which a change may still go."""

    def broken(self, change: Change, task: Task) -> str | None:
        """Return why *change* must not go, if its task is now like *task*; None if it may."""
        ...


class Left(Struct, frozen=True, kw_only=True):
    """A task that the plan leaves alone, and why."""

    task: Task
    reason: str


class Held(Struct, frozen=True, kw_only=True):
    """An override in force, and how many listed tasks it decided."""

    override: Override
    tasks: int


class Released(Struct, frozen=True, kw_only=True):
    """An override that has ended since the run before, and the changes of the plan that it would have prevented."""

    override: Override
    task_ids: tuple[str, ...]


class Conflict(Struct, frozen=True, kw_only=True):
    """Overrides in force that ask for different modes of the same tasks."""

    overrides: tuple[Override, ...]
    """The one that counts first."""
    tasks: int


class OverridesFound(Struct, frozen=True, kw_only=True):
    """What overrides made of one target's inventory."""

    at: datetime | None = None
    """The time as of which; None: no override was asked."""
    held: tuple[Held, ...] = ()
    """Every one in force, those without a task here too."""
    released: tuple[Released, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


class Withheld(Struct, frozen=True, kw_only=True):
    """A task of an earlier run that this one does not touch, and why. It may no longer be listed."""

    task_id: str
    task_name: str | None
    reason: str


class Plan(Struct, frozen=True, kw_only=True):
    """One target's inventory, sorted into what is in sync, what is left alone and what is to change."""

    target: str
    listed: int
    eligible: int
    in_sync: int
    changes: tuple[Change, ...]
    """In the order in which they are to be sent."""
    left: tuple[Left, ...]
    objections: tuple[str, ...] = ()
    """Why nothing of it may be sent, as the planner sees it; one sentence each."""
    overrides: OverridesFound = OverridesFound()
    withheld: tuple[Withheld, ...] = ()
    """Of a plan that is made of an earlier run: its tasks that are not to be changed, one by one."""
    contradicted: tuple[Change, ...] = ()
    """Those of the changes of which policy and overrides ask for the opposite, so that the next apply reverts them."""


class Proposal(Struct, frozen=True, kw_only=True):
    """A plan, with all that guards judge it by: the whole inventory, and what earlier runs did."""

    ref: TargetRef
    plan: Plan
    inventory: Inventory
    unknown_modes: int
    """Tasks whose mode matters and is not reported."""
    history: History | None
    """None: the journal cannot be read."""


class Acceptance(Struct, frozen=True, kw_only=True):
    """The word of a person that a list of exactly that many tasks is whole."""

    tasks: int
    reason: str


class Latitude(Struct, frozen=True, kw_only=True):
    """How far the person who starts a run lets the guards go."""

    allow_partial: bool = False
    """Send what fits the limits and defer the rest, instead of refusing the whole."""
    max_changes: int | None = None
    """The most changes in this run, both directions together; None: as the policy says."""
    break_glass: str | None = None
    """Why freeze and budgets are to be passed; None: they are not."""
    accepted: tuple[Acceptance, ...] = ()


NO_LATITUDE = Latitude()

"""What can happen in a run. Events are the only record of it: frozen values, JSON-shaped.

Each class has a constant ``kind`` (``noun.past_participle``), under which the journal stores it and
the log shows it. The modules have the events by what they are about, each with its part of the union;
``EVENTS`` is the closed list, and docs/log.md has the same one.
"""

from typing import TypeAlias

from msgspec import Struct

from enforcer.model.event.change import (
    AttemptFailed,
    ChangeAcked,
    ChangeAttempted,
    ChangeContested,
    ChangeDeferred,
    ChangeFailed,
    ChangeFlagged,
    ChangeGone,
    ChangeLost,
    ChangeMismatched,
    ChangePlanned,
    ChangeRated,
    ChangeRecalled,
    ChangeSkipped,
    ChangeVerified,
    ChangeWithdrawn,
    ChangeWithheld,
    OfChange,
    OfPlanned,
)
from enforcer.model.event.override import (
    OfOverride,
    OverrideFacts,
    OverrideHonoured,
    OverrideReleased,
    OverridesConflicted,
)
from enforcer.model.event.plan import (
    BudgetCount,
    BudgetCounted,
    GlassBroken,
    LeftCount,
    OfPlan,
    PlanBuilt,
    PlanContradicted,
    PlanDeclined,
    PlanRefused,
    SelectionUnmatched,
)
from enforcer.model.event.run import (
    HistoryPruned,
    MetricsLost,
    MetricsSent,
    NotificationFailed,
    NotificationSent,
    OfRun,
    PruningFailed,
    RunFinished,
    RunInterrupted,
    RunRecovered,
    RunSettled,
    RunStarted,
    RunStopped,
)
from enforcer.model.event.target import (
    BreakerOpened,
    ClockSkewed,
    CredentialsDated,
    CredentialsRefreshed,
    HistoryUnread,
    InventoryAccepted,
    InventoryCompared,
    InventoryListed,
    OfTarget,
    RateChanged,
    RequestRetried,
    TargetFailed,
    ThrottleGated,
)
from enforcer.model.event.wave import (
    BakeStarted,
    OfWave,
    RolloutPlanned,
    WaveJudged,
    WaveStarted,
)
from enforcer.model.history import LATER
from enforcer.model.target import TargetRef

__all__ = [
    "EVENTS",
    "LATER",
    "AttemptFailed",
    "BakeStarted",
    "BreakerOpened",
    "BudgetCount",
    "BudgetCounted",
    "ChangeAcked",
    "ChangeAttempted",
    "ChangeContested",
    "ChangeDeferred",
    "ChangeFailed",
    "ChangeFlagged",
    "ChangeGone",
    "ChangeLost",
    "ChangeMismatched",
    "ChangePlanned",
    "ChangeRated",
    "ChangeRecalled",
    "ChangeSkipped",
    "ChangeVerified",
    "ChangeWithdrawn",
    "ChangeWithheld",
    "ClockSkewed",
    "CredentialsDated",
    "CredentialsRefreshed",
    "Entry",
    "Event",
    "GlassBroken",
    "HistoryPruned",
    "HistoryUnread",
    "InventoryAccepted",
    "InventoryCompared",
    "InventoryListed",
    "LeftCount",
    "MetricsLost",
    "MetricsSent",
    "NotificationFailed",
    "NotificationSent",
    "OfPlanned",
    "OverrideFacts",
    "OverrideHonoured",
    "OverrideReleased",
    "OverridesConflicted",
    "PlanBuilt",
    "PlanContradicted",
    "PlanDeclined",
    "PlanRefused",
    "PruningFailed",
    "RateChanged",
    "RequestRetried",
    "RolloutPlanned",
    "RunFinished",
    "RunInterrupted",
    "RunRecovered",
    "RunSettled",
    "RunStarted",
    "RunStopped",
    "SelectionUnmatched",
    "TargetFailed",
    "TargetRef",
    "ThrottleGated",
    "WaveJudged",
    "WaveStarted",
]

Event: TypeAlias = OfRun | OfTarget | OfPlan | OfOverride | OfWave | OfChange

EVENTS: dict[str, type[Event]] = {cls.kind: cls for cls in Event.__args__}
"""Every kind and its class."""


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """An event with its place in the run and the time it was recorded."""

    seq: int
    """From 1, without gaps; in what is added once the run is over, from LATER on."""
    at: float
    """Unix time in seconds, UTC."""
    event: Event

"""How far a target has come, from its events: what the progress display and the log's progress lines say. Pure."""

from collections import deque
from typing import Final, TypeAlias

from msgspec import Struct, field

from enforcer.core.text.visible import visible
from enforcer.model.event import (
    AttemptFailed,
    BakeStarted,
    ChangeAcked,
    ChangeAttempted,
    ChangeDeferred,
    ChangeFailed,
    ChangeFlagged,
    ChangeGone,
    ChangeLost,
    ChangeRecalled,
    ChangeSkipped,
    Event,
    InventoryListed,
    PlanBuilt,
    RateChanged,
    RolloutPlanned,
    TargetFailed,
    TargetRef,
    ThrottleGated,
    WaveJudged,
    WaveStarted,
)

WINDOW_S: Final = 10.0
"""Over how long the speed is measured."""
_ENOUGH: Final = 10
"""Answers in that time from which the speed is believed."""

_Stage: TypeAlias = InventoryListed | PlanBuilt | TargetFailed
_Wave: TypeAlias = RolloutPlanned | WaveStarted | BakeStarted | WaveJudged | ChangeRecalled
_Rate: TypeAlias = ThrottleGated | RateChanged


class Status(Struct, frozen=True, kw_only=True):
    """A target at one moment."""

    target: str
    stage: str
    """What it is at, in a few words; empty while changes simply go out."""
    done: int
    """Changes that were answered, or will have no answer."""
    total: int | None
    """Changes that are to be sent; None until the plan is made."""
    failed: int
    rate_per_s: float
    """PUTs answered per second, lately: an intent may be recorded long before its PUT leaves. 0 while none is to be
    started: during a watch, or as the API asked for."""
    limit: str
    """The rate asked for, as it was written."""
    left_s: float | None
    """How long it still takes, as far as that can be told."""


class Headway(Struct, kw_only=True):
    """One target on its way. Times are Unix times in seconds."""

    ref: TargetRef
    has_failed: bool = False
    """Whether nothing comes of it, since it could not be listed, say."""
    _stage: str = "listing tasks"
    _planned: int | None = None
    _is_routed: bool = False
    """Whether it is known in which waves the changes go, without which nothing can be said of the time they take."""
    _unsent: set[str] = field(default_factory=set)
    _ended: set[str] = field(default_factory=set)
    _failed: set[str] = field(default_factory=set)
    _back: set[str] = field(default_factory=set)
    _rate: float | None = None
    _gated_until: float = 0.0
    _answers: deque[float] = field(default_factory=deque)
    """When PUTs were answered, or known not to be."""
    _waves: int = 0
    _watched: int = 0
    """Waves whose watch has begun."""
    _bake_s: int = 0
    _baking_until: float | None = None

    def __post_init__(self) -> None:
        self._rate = self.ref.rate_per_s

    def take(self, event: Event, at: float) -> None:
        """Take note of *event*, which is about this target; others are passed over."""
        match event:
            # The two of every change come first: there are many, and cases are tried in turn.
            case ChangeAttempted():
                self._is_routed = True
            case ChangeAcked() | ChangeGone():
                self._answers.append(at)
                self._end(event.task_id)
            case ChangeFailed() | ChangeLost():
                self._answers.append(at)
                self._failed.add(event.task_id)
                self._end(event.task_id)
            case AttemptFailed():
                self._answers.append(at)
            case InventoryListed() | PlanBuilt() | TargetFailed():
                self._take_stage(event)
            case RolloutPlanned() | WaveStarted() | BakeStarted() | WaveJudged() | ChangeRecalled():
                self._take_wave(event, at)
            case ThrottleGated() | RateChanged():
                self._take_rate(event, at)
            case ChangeSkipped() | ChangeDeferred() | ChangeFlagged():
                self._unsent.add(event.task_id)
            case _:
                pass

    def stop(self) -> None:
        """Take note that nothing more is started."""
        self._stage = "stopping: finishing what is in flight"
        self._baking_until = None

    def status(self, now: float) -> Status:
        """Return how far it is at *now*."""
        total = None if self._planned is None else max(self._planned - len(self._unsent), 0)
        left_s = self._left(now, total)
        return Status(
            target=self.ref.name,
            stage=self._stage_at(now, total),
            done=len(self._ended),
            total=total,
            failed=len(self._failed),
            rate_per_s=0.0 if self._is_waiting(now) else round(self._speed(now), 2),
            limit=self.ref.rate,
            left_s=None if left_s is None else round(left_s, 1),
        )

    def _take_stage(self, event: _Stage) -> None:
        match event:
            case InventoryListed(read_back=True):
                pass
            case InventoryListed(tasks=tasks):
                self._stage = f"{tasks:,} tasks listed"
            case PlanBuilt(planned=planned):
                self._planned = planned
                self._stage = f"{planned:,} to change" if planned else "nothing to change"
            case TargetFailed(message=message):
                self.has_failed = True
                self._stage = visible(message, 60)

    def _take_wave(self, event: _Wave, at: float) -> None:
        self._baking_until = None
        match event:
            case RolloutPlanned():
                self._is_routed = True
                self._waves, self._bake_s = len(event.waves), event.bake_s
            case WaveStarted():
                self._answers.clear()
                self._stage = f"wave {event.wave} of {event.waves}"
            case BakeStarted():
                self._stage = f"wave {event.wave} of {event.waves}: watching"
                self._watched = event.wave
                self._baking_until = at + event.bake_s
            case WaveJudged():
                self._watched = event.wave
                self._stage = f"wave {event.wave} of {event.waves}: {'well' if event.passed else 'gate failed'}"
            case ChangeRecalled():
                self._back.add(event.task_id)
                self._stage = f"setting back {len(self._back):,}"

    def _take_rate(self, event: _Rate, at: float) -> None:
        self._rate = event.rate_per_s
        if isinstance(event, ThrottleGated):
            self._gated_until = at + event.wait_s
            self._answers.clear()  # a pause says nothing of the speed

    def _end(self, task_id: str) -> None:
        self._ended.add(task_id)
        if self._stage.endswith("to change"):
            self._stage = ""

    def _stage_at(self, now: float, total: int | None) -> str:
        if now < self._gated_until:
            return f"told to slow down, waiting {_clock(self._gated_until - now)}"
        if self._baking_until is not None:
            return f"{self._stage} {_clock(self._baking_until - now)}"
        if total and not self._is_routed and self._stage.endswith("to change"):
            return f"{self._stage}: reading details"
        is_sent = bool(total) and len(self._ended) == total and self._watched == self._waves
        is_plain = not self._stage or self._stage.startswith("wave ")
        return "reading back" if is_sent and is_plain else self._stage

    def _left(self, now: float, total: int | None) -> float | None:
        if total is None or not self._is_routed:
            return None
        bakes = float(self._bake_s * (self._waves - self._watched))
        if self._baking_until is not None:
            bakes += max(0.0, self._baking_until - now)
        waiting = max(0.0, self._gated_until - now)
        remaining = max(total - len(self._ended), 0)
        if remaining == 0:
            return bakes or None
        pace = self._pace(now)
        return None if pace is None else waiting + remaining / pace + bakes

    def _is_waiting(self, now: float) -> bool:
        return self._baking_until is not None or now < self._gated_until

    def _pace(self, now: float) -> float | None:
        """Return how many changes a second go from now on: the rate in force, or less if it is not kept to."""
        measured = self._speed(now) if len(self._answers) >= _ENOUGH and now >= self._gated_until else None
        if not measured:
            return self._rate
        return measured if self._rate is None else min(measured, self._rate)

    def _speed(self, now: float) -> float:
        while self._answers and self._answers[0] <= now - WINDOW_S:
            self._answers.popleft()
        span = now - self._answers[0] if self._answers else 0.0
        return (len(self._answers) - 1) / span if span > 0 else 0.0


def text(status: Status) -> str:
    """Return what there is to say of *status* beside its numbers of changes, in one line."""
    parts = [status.stage]
    if status.total and (status.done or status.rate_per_s):
        speed = f"{status.rate_per_s:.1f}/s of {status.limit}" if status.rate_per_s else ""
        parts = [speed, status.stage, f"{status.failed:,} failed"]
    if status.left_s is not None and status.total:
        parts.append(_about(status.left_s))
    return "  ".join(part for part in parts if part)


def _about(seconds: float) -> str:
    """Return a time that does not flicker: in steps of ten seconds above half a minute, of minutes above five."""
    if seconds >= 300:
        return f"about {round(seconds / 60)} min left"
    step = 10 if seconds >= 30 else 5
    return f"about {_clock(max(step, -(-seconds // step) * step))} left"


def _clock(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02}"

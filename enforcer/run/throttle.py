"""The request rate of one target: starts are spread evenly, asyncio-throttle guards every window, a gate heeds 429s.

asyncio-throttle alone admits a whole window's allowance at once, which reaches the server as up to twice the
rate, and its waiters poll. So a line lets requests go one by one, at their places on an absolute schedule, and only
then do they pass the guard, which is free by then unless the schedule was late.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, Final

from asyncio_throttle.throttler import Throttler

from enforcer.core.pacing.quota import MINUTE_S, MinuteQuota
from enforcer.core.pacing.rate import Gate, RateController, Starts
from enforcer.core.pacing.retry import LONGEST_HINT_S, with_margin
from enforcer.errors import ExitCode
from enforcer.model.answer import Failure, FailureKind, Reply
from enforcer.model.event import Event, RateChanged, RunStopped, ThrottleGated
from enforcer.model.limits import Rate
from enforcer.run.clock import utc_now
from enforcer.run.line import Line
from enforcer.run.stopping import Stop

GUARDED: Final = 1.006
"""The guard's window is that much longer than asked, so that jitter between permit and wire cannot put one start more
into a window than the rate allows."""

STRETCH: Final = 1.007
"""So much further apart than asked are places on the schedule, a little more than the guard's window needs: it would
hold up whoever wakes up less late than the one before, and then polls. It costs 0.7 % of the rate."""

MARGIN_S: Final = 0.25
"""What is waited longer than a minute for a quota of one: the server counts from when a request came."""

MEASURED_S: Final = 10.0
"""Over how long it is measured what the server takes."""

PATIENCE_S: Final = 600.0
"""Throttled that long without one success, a run gives up: the longest healthy stretch in simulation was 118 s."""

_SILENT: Final = frozenset({FailureKind.NOT_SENT, FailureKind.WITHDRAWN, FailureKind.LOST})
"""Failures that tell nothing of the server's mood."""


class PacedThrottle:
    """At most *rate.count* starts in any *rate.period* seconds, evenly spaced, first come, first served.

    After a throttled answer no request starts until the gate opens; the rate drops and climbs back, never above
    *rate*. With *rate* None there is no limit until the server names one or throttles. It belongs to the loop that it
    is made in.
    """

    def __init__(
        self,
        target: str,
        rate: Rate | None,
        stop: Stop,
        *,
        emit: Callable[[Event], object],
        jitter: Callable[[], float],
    ) -> None:
        self._target = target
        self._stop = stop
        self._emit = emit
        self._jitter = jitter
        self._now = asyncio.get_running_loop().time
        self._controller = RateController(None if rate is None else float(rate.per_second))
        self._gate = Gate()
        self._starts = Starts()
        self._taken = Starts()
        self._minute = MinuteQuota(self._taken)
        self._guard = None if rate is None else _guard(rate)
        self._line = Line(opens_in=self._gate.wait, interval=self._interval, is_single=lambda: self._gate.times > 0)
        stop.listen(lambda _: self._line.close())

    @property
    def is_unlimited(self) -> bool:
        """Whether no limit was asked for and the server has shown none."""
        return self._controller.rate_per_s is None

    def permit(self, ready: Callable[[], Awaitable[object]] | None = None) -> Coroutine[Any, Any, float | None]:
        """Return, once awaited, when a request may start, first come, first served: the loop's time of the start.

        *ready* is called moments before that, for what has to be done first, unless a stop comes first. None: nothing
        may start, since a stop is asked for or the server has asked for a pause. Whoever takes a permit gives it back
        to `heard`, whatever comes of it. What *ready* raises is raised.
        """
        return self._at_once(ready) if self._controller.rate_per_s is None else self._in_turn(ready)

    async def _in_turn(self, ready: Callable[[], Awaitable[object]] | None) -> float | None:
        """Do as `permit`, of a target with a limit."""
        called_at = await self._line.turn()
        if ready is not None and not self._stop.is_set:
            try:
                await ready()
            except BaseException:
                self._line.leave()
                raise
        if not await self._line.go(called_at):
            return None
        if self._guard is not None:
            async with self._guard:
                pass
        started = self._now()
        # Meanwhile another answer may have closed the gate.
        if self._stop.is_set or self._gate.wait(started) != 0.0:
            return None
        self._gate.passed()
        self._starts.append(started)
        return started

    async def _at_once(self, ready: Callable[[], Awaitable[object]] | None) -> float | None:
        """Do as `permit`, of a target without a limit: nothing has held anyone up so far, so there is no line."""
        if ready is not None and not self._stop.is_set:
            await ready()
        # Meanwhile an answer may have shown a limit.
        if self._stop.is_set or self._controller.rate_per_s is not None:
            return None
        started = self._now()
        self._starts.append(started)
        return started

    def heard(self, started: float, answer: object) -> None:
        """Take note of the *answer* to the request that *started* then; None: it was not sent, or told nothing."""
        if isinstance(answer, Reply):
            self._went_through(started)
        elif isinstance(answer, Failure) and answer.kind is FailureKind.THROTTLED:
            self._throttled(started, answer)
            self._line.look()
        elif isinstance(answer, Failure) and answer.kind not in _SILENT:
            self._went_through(started)
        else:
            self._told_nothing(started)

    def _went_through(self, started: float) -> None:
        self._taken.append(started)
        if self._controller.succeeded(self._now()):
            self._emit(RateChanged(target=self._target, rate_per_s=round(self._rate(), 3)))
        if self._gate.times > 0:
            self._gate.answered(started)
            self._line.look()

    def _told_nothing(self, started: float) -> None:
        self._gate.withdrawn(started)
        if self._gate.times > 0:
            self._line.look()

    def _rate(self) -> float:
        return self._controller.rate_per_s or 0.0

    def _interval(self) -> float:
        rate = self._controller.rate_per_s
        return 0.0 if rate is None else STRETCH / rate

    def _throttled(self, started: float, answer: Failure) -> None:
        now, jitter = self._now(), self._jitter()
        hint = answer.retry_after_s
        if hint is not None and hint > LONGEST_HINT_S:
            until = utc_now() + timedelta(seconds=hint)
            self._give_up(f"the API asks to wait {hint:.0f} s, until {until:%Y-%m-%dT%H:%M:%SZ}")
            return
        at_least = 0.0 if hint is None else with_margin(hint, jitter)
        if answer.limit is not None:
            self._controller.learned(answer.limit)
        if self._gate.is_known(started):
            return
        quota = None if answer.limit is not None else self._inferred(now)
        taken_per_s, full_for = self._room(now, answer.limit, quota)
        wait = self._gate.throttled(now, jitter=jitter, at_least_s=max(at_least, full_for))
        self._controller.throttled(now, taken_per_s)
        self._emit(
            ThrottleGated(
                target=self._target,
                wait_s=round(wait, 3),
                times=self._gate.times,
                rate_per_s=round(self._rate(), 3),
                retry_after_s=hint,
                limit=None if answer.limit is None else answer.limit.text,
                inferred=None if quota is None else f"{quota}/m",
            )
        )
        since = self._gate.closed_since
        if since is not None and now - since > PATIENCE_S:
            self._give_up(f'the API has answered nothing but "slow down" for {now - since:.0f} s')

    def _inferred(self, now: float) -> int | None:
        """Return the quota of a minute that explains the refusal at *now*, None if there is none."""
        return self._minute.refused_again(now) if self._gate.times > 0 else self._minute.refused(now)

    def _room(self, now: float, named: Rate | None, inferred: int | None) -> tuple[float, float]:
        """Return how many the server takes a second, and for how many seconds it will take none, as far as can be told.

        Of a limit that it has *named*, or of the quota of a minute that is *inferred*, it is known when there is room
        again: refused requests may count, too.
        """
        open_for = self._gate.open_for(now)
        measured = self._taken.per_s(now, over_s=min(MEASURED_S, open_for)) or self._starts.per_s(now)
        if named is not None:
            return measured, self._starts.frees_in(named.count, named.period, now)
        if inferred is None:
            return measured, 0.0
        is_probe = self._gate.times > 0
        full_for = self._starts.frees_in(inferred, MINUTE_S + MARGIN_S, now)
        return measured if is_probe else inferred / MINUTE_S, full_for

    def _give_up(self, why: str) -> None:
        if self._stop.is_set:
            return
        cause = RunStopped(
            exit_code=ExitCode.ABORTED,
            target=self._target,
            message=f"throttled: {why}",
            hint="Run the same command again later, or at a lower rate: limits.rate, --rate.",
        )
        self._emit(cause)
        self._stop.ask(cause)


def _guard(rate: Rate) -> Throttler:
    return Throttler(rate_limit=rate.count, period=rate.period * GUARDED, retry_interval=0.001)

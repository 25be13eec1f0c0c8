"""The request rate of one target: starts are spread evenly, asyncio-throttle guards every window, a gate heeds 429s.

asyncio-throttle alone admits a whole window's allowance at once, which reaches the server as up to twice the
rate, and its waiters poll. So one caller at a time holds the turn, sleeps to its place on an absolute schedule,
and only then passes the guard, which is free by then unless the schedule was late.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from asyncio_throttle.throttler import Throttler

from enforcer.core.pacing.rate import Gate, RateController, Starts
from enforcer.core.pacing.retry import LONGEST_HINT_S, with_margin
from enforcer.errors import ExitCode
from enforcer.model.answer import Failure, FailureKind
from enforcer.model.event import Event, RateChanged, RunStopped, ThrottleGated
from enforcer.model.limits import Rate
from enforcer.run.clock import utc_now
from enforcer.run.stopping import Stop

STRETCH: Final = 1.007
"""Each window is that much longer than asked, so that jitter between permit and wire cannot put one start more
into a window than the rate allows. It costs 0.7 % of the rate."""

CATCH_UP_S: Final = 0.005
"""A start that late or less keeps its place on the schedule, so that late wake-ups do not add up and slow the rate;
a later one, after idleness say, begins a new schedule."""

MEASURED_S: Final = 10.0
"""Over how long it is measured what the server takes."""

PATIENCE_S: Final = 600.0
"""Throttled that long without one success, a run gives up: the longest healthy stretch in simulation was 118 s."""

_SILENT: Final = frozenset({FailureKind.NOT_SENT, FailureKind.LOST})
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
        emit: Callable[[Event], None],
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
        self._guard = None if rate is None else _guard(rate)
        self._turn = asyncio.Lock()
        self._place = float("-inf")
        self._news = asyncio.Event()
        stop.listen(lambda _: self._news.set())

    async def permit(self) -> float:
        """Return when the next request may start, or at once when a stop is asked for: the loop's time of the start.

        Whoever takes a permit gives it back to `heard`, whatever comes of it.
        """
        async with self._turn:
            while not self._stop.is_set:
                await self._wait_for_gate()
                await self._wait_for_place()
                # The gate may have closed while this start waited for its place.
                if self._gate.wait(self._now()) == 0.0:
                    break
            if self._guard is not None and not self._stop.is_set:
                async with self._guard:
                    pass
            started = self._now()
            self._gate.passed()
            self._starts.add(started)
            return started

    def heard(self, started: float, answer: object) -> None:
        """Take note of the *answer* to the request that *started* then; None: it was not sent, or told nothing."""
        if isinstance(answer, Failure) and answer.kind is FailureKind.THROTTLED:
            self._throttled(started, answer)
        elif answer is None or (isinstance(answer, Failure) and answer.kind in _SILENT):
            self._gate.withdrawn(started)
        else:
            self._gate.answered(started)
            self._taken.add(started)
            if self._controller.succeeded(self._now()):
                self._emit(RateChanged(target=self._target, rate_per_s=round(self._rate(), 3)))
        self._news.set()

    def _rate(self) -> float:
        return self._controller.rate_per_s or 0.0

    async def _wait_for_gate(self) -> None:
        while not self._stop.is_set and (wait := self._gate.wait(self._now())) != 0.0:
            if wait is not None:
                await self._stop.sleep(wait)
                continue
            self._news.clear()
            await self._news.wait()

    async def _wait_for_place(self) -> None:
        rate = self._controller.rate_per_s
        if rate is None:
            return
        place = self._place + STRETCH / rate
        if place > self._now():
            await self._stop.sleep(place - self._now())
        self._place = place if self._now() - place <= CATCH_UP_S else self._now()

    def _throttled(self, started: float, answer: Failure) -> None:
        now, jitter = self._now(), self._jitter()
        open_for = self._gate.open_for(now)
        hint = answer.retry_after_s
        if hint is not None and hint > LONGEST_HINT_S:
            until = utc_now() + timedelta(seconds=hint)
            self._give_up(f"the API asks to wait {hint:.0f} s, until {until:%Y-%m-%dT%H:%M:%SZ}")
            return
        at_least = 0.0 if hint is None else with_margin(hint, jitter)
        if answer.limit is not None:
            self._controller.learned(answer.limit)
            at_least = max(at_least, self._starts.frees_in(answer.limit, now))
        wait = self._gate.throttled(now, started, jitter=jitter, at_least_s=at_least)
        if wait is None:
            return
        taken_per_s = self._taken.per_s(now, over_s=min(MEASURED_S, open_for)) or self._starts.per_s(now)
        self._controller.throttled(now, taken_per_s)
        self._emit(
            ThrottleGated(
                target=self._target,
                wait_s=round(wait, 3),
                times=self._gate.times,
                rate_per_s=round(self._rate(), 3),
                retry_after_s=hint,
                limit=None if answer.limit is None else answer.limit.text,
            )
        )
        since = self._gate.closed_since
        if since is not None and now - since > PATIENCE_S:
            self._give_up(f'the API has answered nothing but "slow down" for {now - since:.0f} s')

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
    period = rate.period * STRETCH
    return Throttler(rate_limit=rate.count, period=period, retry_interval=max(0.001, period / rate.count / 100))

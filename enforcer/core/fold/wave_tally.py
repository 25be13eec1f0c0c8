"""How far the waves of one target came. Lives for one fold only; knows nothing of single tasks."""

from typing import TypeAlias, assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from enforcer.model.event import BakeStarted, ChangeRecalled, RolloutPlanned, WaveJudged, WaveStarted
from enforcer.model.report.wave import WaveReport, WaveState

WaveEvent: TypeAlias = RolloutPlanned | WaveStarted | BakeStarted | WaveJudged


class WaveTally(Struct, kw_only=True):
    """The waves of one target, in order. A wave that was not planned is left out: its counts would be guesses."""

    waves: dict[int, WaveReport] = field(default_factory=dict)

    def take(self, event: WaveEvent) -> None:
        match event:
            case RolloutPlanned():
                self.waves = {number: _planned(event, number) for number in range(1, len(event.waves) + 1)}
            case WaveStarted():
                self._become(event.wave, state=WaveState.BEGUN)
            case BakeStarted():
                pass
            case WaveJudged():
                self._become(
                    event.wave,
                    state=WaveState.PASSED if event.passed else WaveState.FAILED,
                    full_sync=event.full_sync,
                    failed=event.failed,
                    unreadable=event.unreadable,
                    call_errors=event.call_errors,
                    reasons=event.reasons,
                    watched_s=event.watched_s,
                )
            case _:
                assert_never(event)

    def recalled(self, event: ChangeRecalled) -> None:
        if event.wave in self.waves:
            self._become(event.wave, recalled=self.waves[event.wave].recalled + 1)

    def _become(self, number: int, **facts: object) -> None:
        if number in self.waves:
            self.waves[number] = replace(self.waves[number], **facts)


def _planned(event: RolloutPlanned, number: int) -> WaveReport:
    return WaveReport(
        target=event.target,
        wave=number,
        waves=len(event.waves),
        changes=event.waves[number - 1],
        state=WaveState.PLANNED,
        full_sync=None,
        failed=None,
        unreadable=None,
        call_errors=None,
        reasons=(),
        recalled=0,
        watched_s=None,
    )

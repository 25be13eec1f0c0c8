"""Asking the person at the terminal whether the plan may go, and what they said."""

from collections.abc import Sequence

from msgspec.structs import replace

from enforcer.cli.terminal import prompt, screen
from enforcer.cli.terminal.progress import Display
from enforcer.core.fold.summary import Summary
from enforcer.model.plan import Plan
from enforcer.model.task import ResumeMode
from enforcer.reports import render
from enforcer.run.recording import Recorder
from enforcer.run.stopping import Stop


class Question:
    """The question below the whole plan, which *recorder* has told *account* by then; *display* gives way to it."""

    def __init__(self, recorder: Recorder, account: Summary, display: Display) -> None:
        self._recorder = recorder
        self._account = account
        self._display = display
        self.is_declined = False
        """Whether the person, who had seen the plan, said no. A stop while they thought about it is no answer."""

    async def ask(self, plans: Sequence[Plan], stop: Stop) -> bool:
        """Return whether *plans* may go."""
        self._recorder.pass_on()
        self._display.pause()
        screen.note_report(render(replace(self._account.report(), command="plan"), "text"))
        is_agreed = await prompt.agree(_words(plans), stop)
        self._display.resume()
        self.is_declined = not is_agreed and not stop.is_set
        return is_agreed


def _words(plans: Sequence[Plan]) -> str:
    desired = [change.desired for plan in plans for change in plan.changes if change.obstacle is None]
    split = ", ".join(
        f"{desired.count(mode):,} to {mode}" for mode in (ResumeMode.MANUAL, ResumeMode.AUTO) if mode in desired
    )
    return f"Apply {len(desired):,} changes ({split}) to {', '.join(plan.target for plan in plans)} now?"

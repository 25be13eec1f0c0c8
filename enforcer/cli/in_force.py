"""Which overrides a command has to honour: those of its policy and those of the state directory."""

from pathlib import Path

from enforcer.cli import wiring
from enforcer.core.overrides import CompiledOverrides
from enforcer.model.policy import Policy


def overrides(policy: Policy, state_dir: Path) -> CompiledOverrides:
    """Return every override there is now, whatever became of it, ready to be asked.

    What plans and changes reads them through here, as late as it can. Raises JournalError if they cannot be read:
    without them nobody can say which tasks are to be left alone.
    """
    return CompiledOverrides((*policy.overrides, *wiring.overrides(state_dir)))

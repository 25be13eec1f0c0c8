"""Which run is meant: its id, a part of it that no other run has, or the last."""

import difflib
from collections.abc import Sequence

from enforcer.errors import UsageError
from enforcer.journal.stores import Connection

HINT = "`enforcer runs list` shows the runs there are."
LAST = "last"
"""What to call the newest run."""
_SHOWN = 5
"""Run ids that a message names at most."""
_SELECT_RUN_IDS = "SELECT run_id FROM run ORDER BY started_at DESC, run_id DESC"


def ids(connection: Connection | None) -> list[str]:
    """Return the ids of all runs, the newest first; [] without a journal."""
    return [row[0] for row in connection.execute(_SELECT_RUN_IDS)] if connection else []


def resolved(wanted: str, run_ids: Sequence[str]) -> str:
    """Return the one of *run_ids*, the newest first, that *wanted* means; raise UsageError unless it means just one."""
    if wanted in run_ids:
        return wanted
    if wanted == LAST and run_ids:
        return run_ids[0]
    fitting = [each for each in run_ids if wanted and (each.startswith(wanted) or each.endswith(wanted))]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UsageError(f"{wanted!r} fits {len(fitting)} runs: {_named(fitting)}", hint="Give more of the id.")
    if not run_ids:
        raise UsageError(f"no run {wanted!r}: the journal has no runs yet", hint="`enforcer apply` records the first.")
    near = difflib.get_close_matches(wanted, run_ids, n=3) or [
        each for each in run_ids if difflib.get_close_matches(wanted, [each[-len(wanted) :]], n=1)
    ]
    raise UsageError(f"no run {wanted!r}", hint=f"Did you mean {_named(near)}? {HINT}" if near else HINT)


def _named(run_ids: Sequence[str]) -> str:
    rest = len(run_ids) - _SHOWN
    return ", ".join(run_ids[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")

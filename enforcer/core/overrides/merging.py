"""What another state directory knows of overrides, brought into this one's ledger. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from enforcer.core.overrides.ledger import add, extend
from enforcer.errors import RefusedError
from enforcer.model.override import Added, Ended, Override, Step


def merge(
    theirs: Iterable[Override], known: Sequence[Override], *, now: datetime, by: str, longest_s: int
) -> tuple[Step, ...]:
    """Return the steps that bring here what *theirs* has more than *known*; () if that is nothing.

    What is over and unknown here is left out. An end counts, whoever ended it; of two expiries the later one does.
    Raises like `ledger.add`: then none of it is to be taken.
    """
    here = list(known)
    taken: list[Step] = []
    for each in theirs:
        step = _news(each, here, now=now, by=by, longest_s=longest_s)
        if step is not None:
            taken.append(step)
        if isinstance(step, Added):
            here.append(step.override)
    return tuple(taken)


def _news(theirs: Override, known: Sequence[Override], *, now: datetime, by: str, longest_s: int) -> Step | None:
    ours = next((each for each in known if each.id == theirs.id), None)
    if not (theirs if ours is None else ours).is_in_force(now):
        return None
    if ours is None:
        # Judged as of now, kept as it was: its owner and its beginning are part of what it says.
        add(replace(theirs, created=now), known, None, longest_s=longest_s)
        return Added(at=now, by=by, override=theirs)
    if _essence(ours) != _essence(theirs):
        raise RefusedError(f"override {theirs.id} is here already, and says something else")
    if theirs.ended_at is not None:
        return Ended(at=now, by=f"{theirs.ended_by}, imported by {by}", override_id=theirs.id)
    if theirs.expires > ours.expires:
        return extend(theirs.id, theirs.expires, known, now=now, by=by, longest_s=longest_s)
    return None


def _essence(override: Override) -> tuple[object, ...]:
    """Return what no step changes."""
    return override.patterns, override.targets, override.mode, override.created

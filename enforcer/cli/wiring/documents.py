"""Policies and saved plans, which are files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enforcer.model.override import Override
    from enforcer.model.policy import Policy
    from enforcer.model.savedplan import SavedPlan


def load_policy(path: str) -> Policy:
    """Return the policy in the file or folder *path*; raise PolicyError with everything that is wrong in it."""
    from enforcer import policyfile

    return policyfile.load(path)


def load_plan(path: str) -> SavedPlan:
    """Return the saved plan in the file *path*; raise DataError or RefusedError if it is none, or was edited."""
    from enforcer import planfile

    return planfile.read(path)


def plan_text(plan: SavedPlan) -> str:
    """Return *plan* as the text of a file."""
    from enforcer import planfile

    return planfile.written(plan)


def overrides_digest(overrides: Iterable[Override]) -> str:
    """Return one digest of *overrides*, by which a saved plan knows whether they have changed."""
    from enforcer import planfile

    return planfile.overrides_digest(overrides)

"""What is left of a day's budget: one place, one direction."""

from msgspec import Struct

from enforcer.model.task import ResumeMode


class Known(Struct, frozen=True, kw_only=True):
    """A place that runs have worked on, and what they called it, the latest name first."""

    endpoint: str
    project_id: str
    names: tuple[str, ...]


class Allowance(Struct, frozen=True, kw_only=True):
    target: str
    endpoint: str | None
    """None: no run has worked on this target yet."""
    project_id: str | None
    direction: ResumeMode
    sent: int
    """Changes of the last 24 hours that count."""
    per_day: int | None
    """None: unlimited, or no policy was asked."""
    left: int | None
    """None: likewise."""
    frees_at: float | None
    """When the oldest of them no longer counts, Unix time in seconds; None: nothing was sent."""
    all_free_at: float | None

"""A target of a run, as events, plans and reports name it."""

from msgspec import Struct


class TargetRef(Struct, frozen=True, kw_only=True):
    """A target as the run knows it, every setting resolved."""

    name: str
    region: str | None
    endpoint: str
    project_id: str
    rate_per_s: float | None
    """None: unlimited."""
    rate: str
    """As the user wrote it: ``5/s``, ``unlimited``."""
    concurrency: int
    iam_endpoint: str | None = None
    """As the run was told it; None: that of the region."""
    only_seen: bool = False
    """It is another shard's: listed, so that guards see the whole plan, and left alone."""

"""What a run comes to in numbers, for whoever collects such: nothing but gauges of the last run."""

from typing import TypeAlias

from msgspec import Struct

Sample: TypeAlias = tuple[dict[str, str], float]
"""Labels, and the value."""


class Metric(Struct, frozen=True, kw_only=True):
    """A gauge with its samples, in the order in which they are written."""

    name: str
    what: str
    samples: tuple[Sample, ...]

"""What a run comes to in numbers, for whoever collects such: nothing but gauges of the last run."""

from dataclasses import dataclass
from typing import TypeAlias

Sample: TypeAlias = tuple[dict[str, str], float]
"""Labels, and the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A gauge with its samples, in the order in which they are written."""

    name: str
    what: str
    samples: tuple[Sample, ...]

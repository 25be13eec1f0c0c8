"""Numbers as a line of bars, one character high."""

from collections.abc import Sequence
from itertools import pairwise

BARS = "▁▂▃▄▅▆▇█"
_ASCII = "_.-=+*#@"


def sparkline(values: Sequence[int], width: int, *, ascii_only: bool = False) -> str:
    """Return one bar for each of *values*, none below 0, or, of more than *width* of them, for the highest of several.

    The lowest bar is 0 and nothing else; the highest is the maximum.
    """
    bars = _ASCII if ascii_only else BARS
    most = max(values, default=0)
    return "".join(
        bars[0] if value == 0 else bars[-(-value * (len(bars) - 1) // most)] for value in _fit(values, width)
    )


def _fit(values: Sequence[int], width: int) -> list[int]:
    if len(values) <= width:
        return list(values)
    edges = [number * len(values) // width for number in range(width + 1)]
    return [max(values[low:high]) for low, high in pairwise(edges)]

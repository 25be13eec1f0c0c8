"""The one kind of comment that means something: which findings of `enforcer check` are to be passed over, and why.

It stands on the line that it speaks of, or on lines of its own above it:

    # enforcer:ignore W201 reason: every task of this project is ours
"""

import re
from collections.abc import Iterator
from typing import Final

from enforcer.model.finding import Suppression
from enforcer.model.rule import Origin

_MARK: Final = re.compile(
    r"(?:^|\s)#\s*enforcer:ignore\b[ \t]*(?P<codes>[A-Z0-9, \t]*?)(?:reason\s*[:=]\s*(?P<reason>.*))?$"
)


def suppressions(data: bytes, shown: str) -> Iterator[Suppression]:
    """Yield the suppressions of a file that could be read as a policy; *shown* is its name in messages."""
    lines = data.decode("utf-8-sig", "replace").splitlines()
    for number, line in enumerate(lines, 1):
        found = _MARK.search(line)
        if found is None:
            continue
        reason = (found["reason"] or "").strip()
        yield Suppression(
            origin=Origin(file=shown, line=number, column=line.index("#", found.start()) + 1),
            line=number if line[: found.start()].strip() else _next_line(lines, number),
            codes=tuple(found["codes"].replace(",", " ").split()),
            reason=reason or None,
        )


def _next_line(lines: list[str], number: int) -> int:
    """Return the number of the first line after *number* that has more in it than a comment."""
    for place in range(number, len(lines)):
        bare = lines[place].strip()
        if bare and not bare.startswith("#"):
            return place + 1
    return number

"""The problems of a policy's text for a person: of many alike the first, and how many more there are."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from enforcer.core.text.visible import visible
from enforcer.errors import Problem

ALIKE: Final = 10
"""Problems alike that are shown: a slip that a text repeats a thousand times must not hide the others."""

_OWN: Final = re.compile(r"'[^']*'|\d+")
"""What a message says of its own place alone: the words of the text that it quotes, and numbers."""


def told(problems: Sequence[Problem]) -> Iterator[str]:
    """Yield a line a problem, in their order, and below them one for each kind of which there are more."""
    seen: Counter[str] = Counter()
    first: dict[str, Problem] = {}
    for problem in problems:
        kind = _OWN.sub("", problem.message)
        first.setdefault(kind, problem)
        seen[kind] += 1
        if seen[kind] <= ALIKE:
            yield visible(str(problem), 1000)
    for kind, number in seen.items():
        if number > ALIKE:
            yield _rest(first[kind], number - ALIKE)


def _rest(first: Problem, number: int) -> str:
    place = visible(f"{first.file}:{first.line}:{first.column}", 1000)
    return f"... and {number:,} more like {place}; `enforcer check POLICY --format json` lists them"

"""The problems of a policy text, gathered so that a user sees all of them at once."""

import difflib
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from enforcer.core.text.visible import visible
from enforcer.errors import PolicyError, Problem

MOST_PROBLEMS: Final = 1000


class Place(Struct, frozen=True, kw_only=True):
    """A point in a file; *line* and *column* count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Problems:
    """What was found so far."""

    def __init__(self) -> None:
        self._found: set[Problem] = set()

    def add(self, place: Place, message: str) -> None:
        """Note one problem; raise PolicyError once there are more than anyone reads."""
        problem = Problem(file=place.file, line=place.line, column=place.column, message=message)
        if len(self._found) == MOST_PROBLEMS:
            last = f"more than {MOST_PROBLEMS} problems; the rest is not listed"
            raise PolicyError((*sorted(self._found), Problem(file=place.file, line=1, column=1, message=last)))
        self._found.add(problem)

    def raise_if_any(self) -> None:
        """Raise PolicyError with everything noted, in the order of the text."""
        if self._found:
            raise PolicyError(tuple(sorted(self._found)))


def quoted(text: str) -> str:
    """Return *text* fit for a message: in quotes, in one line, cut where it is long."""
    return f"'{visible(text, 60)}'"


def listed(words: Iterable[str]) -> str:
    """Return ``a, b or c``."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def suggestion(text: str, words: Iterable[str]) -> str:
    """Return ``. Did you mean 'x'?`` for the word nearest to *text*, or nothing."""
    near = difflib.get_close_matches(text, list(words), n=1) if len(text) <= 40 else []
    return f". Did you mean {near[0]!r}?" if near else ""

"""Rows of cells as lines, columns aligned by display width."""

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

_GAP = re.compile(r"(?<=\S)( {2,})(?=\S)")
_HANGING = 4
"""Cells by which what goes on from the line above is set in."""


def aligned(rows: Sequence[Sequence[str]], *, width: int | None = None) -> list[str]:
    """Return the lines of *rows*, which all have as many cells: one a row.

    With *width*, the cells of a terminal, columns that do not fit side by side go on in lines below, in each row
    alike. Nothing is cut: what is wider than the terminal by itself is left to it.
    """
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = _lines(widths, width)
    return [
        ("" if not number else " " * _HANGING)
        + "  ".join(row[place] + " " * (widths[place] - cell_len(row[place])) for place in places).rstrip()
        for row in rows
        for number, places in enumerate(lines)
    ]


def _lines(widths: Sequence[int], width: int | None) -> list[list[int]]:
    """Return the places of the columns that stand side by side in each line of a row."""
    lines: list[list[int]] = [[]]
    taken = 0
    for place, own in enumerate(widths):
        if width is not None and lines[-1] and taken + 2 + own > width:
            lines.append([])
        taken = taken + 2 + own if lines[-1] else own + (_HANGING if len(lines) > 1 else 0)
        lines[-1].append(place)
    return lines


def folded(lines: Iterable[str], width: int) -> list[str]:
    """Return *lines* so that those longer than *width* cells go on below from a gap of two spaces or more.

    Nothing is cut, and what has no gap, such as a command, stays in one piece.
    """
    return [part for line in lines for part in _folded(line, width)]


def _folded(line: str, width: int) -> list[str]:
    if cell_len(line) <= width:
        return [line]
    indent = " " * (len(line) - len(line.lstrip(" ")) + _HANGING)
    first, *rest = _GAP.split(line)
    parts = [first]
    for gap, piece in zip(rest[::2], rest[1::2], strict=True):
        if cell_len(parts[-1]) + len(gap) + cell_len(piece) <= width:
            parts[-1] += gap + piece
        else:
            parts.append(indent + piece)
    return parts

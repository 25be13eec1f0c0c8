"""The parts of docs/performance.md that are written by what measures: each between two lines that name the command."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.drawing import bars
from tests.bench.figures import Figure
from tests.bench.tables import tables

PAGE = Path("docs/performance.md")
DRAWINGS = Path("docs/performance")
_FEWEST_DRAWN = 3
"""Measures that a figure needs so that a drawing shows more than its row does."""


def headline(about: Mapping[str, object]) -> str:
    """Return in a sentence what the figures depend on."""
    packages = about["packages"]
    assert isinstance(packages, Mapping)
    versions = ", ".join(f"{name} {version}" for name, version in packages.items())
    return (
        f"{about['date']}, {about['machine']}, {about['system']}, {about['python']}, {about['server']}; {versions}."
        f" Medians of {about['rounds']} rounds."
    )


def renew(about: Mapping[str, object], figures: Sequence[Figure]) -> None:
    """Write *figures* into the page, and beside it a drawing of each that has company."""
    DRAWINGS.mkdir(exist_ok=True)
    for old in DRAWINGS.glob("*.svg"):
        old.unlink()
    drawn = {_file_name(figure): figure for figure in figures if len(figure.beside) + 1 >= _FEWEST_DRAWN}
    for name, figure in drawn.items():
        (DRAWINGS / name).write_text(bars(figure), encoding="utf-8")
    shown = "\n".join(f"![{figure.case}: {figure.what}]({DRAWINGS.name}/{name})" for name, figure in drawn.items())
    put("make bench", f"{headline(about)}\n\n{tables(figures, level='###')}\n\n### Drawn\n\n{shown}")


def put(command: str, text: str) -> None:
    """Write *text* into the page, in the place of what *command* wrote there before."""
    begin, end = f"<!-- begin: written by `{command}` -->", f"<!-- end: written by `{command}` -->"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def _file_name(figure: Figure) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{figure.case} {figure.what}".lower()).strip("-") + ".svg"

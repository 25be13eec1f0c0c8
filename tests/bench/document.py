"""The part of docs/performance.md that the bench writes: the figures, and a drawing for each that has company."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.drawing import bars
from tests.bench.figures import Figure
from tests.bench.tables import tables

PAGE = Path("docs/performance.md")
DRAWINGS = Path("docs/performance")
_BEGIN = "<!-- begin: written by `make bench` -->"
_END = "<!-- end: written by `make bench` -->"
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
    """Write *figures* into the page, in the place of those that are there, and their drawings beside it."""
    DRAWINGS.mkdir(exist_ok=True)
    for old in DRAWINGS.glob("*.svg"):
        old.unlink()
    drawn = {_file_name(figure): figure for figure in figures if len(figure.beside) + 1 >= _FEWEST_DRAWN}
    for name, figure in drawn.items():
        (DRAWINGS / name).write_text(bars(figure), encoding="utf-8")
    shown = "\n".join(f"![{figure.case}: {figure.what}]({DRAWINGS.name}/{name})" for name, figure in drawn.items())
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    written = f"{headline(about)}\n\n{tables(figures, level='###')}\n\n### Drawn\n\n{shown}"
    PAGE.write_text(f"{before}{_BEGIN}\n\n{written}\n\n{_END}{after}", encoding="utf-8")


def _file_name(figure: Figure) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{figure.case} {figure.what}".lower()).strip("-") + ".svg"

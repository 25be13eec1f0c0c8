"""Made to be posted on a pull request: the summary, what moves, and what drifts anyway folded away.

What does not fit a comment is counted, whatever the names.
"""

from collections.abc import Iterator

from enforcer.model.impact import Impact
from enforcer.reports.impact import words
from enforcer.reports.markdown import ROOM, document, fitted, prose

_ALIGN = "|".join(["---"] * len(words.HEAD))


def render(impact: Impact) -> str:
    return fitted(lambda most: document(_blocks(impact, most)), ROOM, words.LIMIT)


def _blocks(impact: Impact, most: int) -> Iterator[str]:
    yield "## enforcer impact"
    yield prose(words.summary(impact))
    for group in words.groups(impact):
        yield from _group(group, most)


def _group(group: words.Group, most: int) -> Iterator[str]:
    shown = group.moves[:most]
    rows = ["|".join(map(prose, words.row(move))) for move in shown]
    opened = " open" if "by this edit" in group.title else ""
    yield f"<details{opened}><summary>{group.title}: {len(group.moves):,}</summary>"
    yield "\n".join(f"|{line}|" for line in ("|".join(words.HEAD), _ALIGN, *rows)) if rows else ""
    if len(group.moves) > len(shown):
        yield f"… and {len(group.moves) - len(shown):,} more: `--format json` has them all"
    yield "</details>"

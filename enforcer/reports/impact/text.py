"""The summary, then a table for each group."""

from collections.abc import Iterator

from enforcer.model.impact import Impact
from enforcer.reports.impact import words
from enforcer.reports.table import aligned


def render(impact: Impact) -> str:
    return "\n".join([words.summary(impact), *(line for group in words.groups(impact) for line in _lines(group))])


def _lines(group: words.Group) -> Iterator[str]:
    yield ""
    yield f"{group.title}: {len(group.moves)}"
    shown = group.moves[: words.LIMIT]
    yield from (f"  {line}" for line in aligned([words.HEAD, *map(words.row, shown)]))
    if len(group.moves) > len(shown):
        yield f"  … and {len(group.moves) - len(shown):,} more: --format json has them all"

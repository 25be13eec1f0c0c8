"""Made to be posted on a pull request: the summary, what moves, and what drifts anyway folded away."""

from collections.abc import Iterator

from enforcer.model.impact import Impact
from enforcer.reports.impact import words
from enforcer.reports.markdown import prose

_ALIGN = "|".join(["---"] * len(words.HEAD))


def render(impact: Impact) -> str:
    blocks = ["## enforcer impact", prose(words.summary(impact))]
    blocks.extend(block for group in words.groups(impact) for block in _blocks(group))
    return "\n\n".join(blocks) + "\n"


def _blocks(group: words.Group) -> Iterator[str]:
    shown = group.moves[: words.LIMIT]
    rows = ["|".join(map(prose, words.row(move))) for move in shown]
    opened = " open" if "by this edit" in group.title else ""
    yield f"<details{opened}><summary>{group.title}: {len(group.moves)}</summary>"
    yield "\n".join(f"|{line}|" for line in ("|".join(words.HEAD), _ALIGN, *rows))
    if len(group.moves) > len(shown):
        yield f"… and {len(group.moves) - len(shown):,} more: `--format json` has them all"
    yield "</details>"

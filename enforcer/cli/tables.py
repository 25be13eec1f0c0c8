"""Rows of the journal as a table for people or as JSON for programs."""

from collections.abc import Sequence

import msgspec

from enforcer.core.visible import visible
from enforcer.journal.reader import RunRow

_HEAD = ("run", "command", "policy", "started", "exit", "planned")


def runs_json(rows: Sequence[RunRow]) -> str:
    """Return a JSON array of one object per run."""
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()


def runs_text(rows: Sequence[RunRow]) -> str:
    """Return one line per run below a heading, or one sentence if there is none."""
    if not rows:
        return "No runs yet. `enforcer apply POLICY` records the first."
    return _aligned([_HEAD, *(_cells(row) for row in rows)])


def _cells(row: RunRow) -> tuple[str, ...]:
    code = row.exit_name if row.exit_code is None else f"{row.exit_code} {row.exit_name}"
    return row.run_id, row.command, visible(row.policy_name, 40), row.started_at, code, str(row.planned)


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )

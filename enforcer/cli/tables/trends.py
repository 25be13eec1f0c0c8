"""What became of each policy from run to run, as lines of bars below a list of runs."""

from collections.abc import Iterator, Sequence

from enforcer.core.text.visible import visible
from enforcer.journal.register import RunRow
from enforcer.reports.sparkline import sparkline

_FIGURES = (("drift", "planned"), ("changed", "changed"), ("failed", "failed"))
_AROUND = 40
"""Columns of a line beside its bars."""
_LEAST = 10


def trends(rows: Sequence[RunRow], *, width: int, ascii_only: bool) -> tuple[str, ...]:
    """Return four lines for each policy with two or more ended applies among *rows*, which are the newest first.

    *width* is that of the terminal.
    """
    ended = [row for row in reversed(rows) if row.command == "apply" and row.exit_code is not None]
    policies = {row.policy_name: [each for each in ended if each.policy_name == row.policy_name] for row in ended}
    return tuple(
        "\n".join(_trend(name, runs, width, ascii_only=ascii_only)) for name, runs in policies.items() if len(runs) > 1
    )


def _trend(name: str, runs: Sequence[RunRow], width: int, *, ascii_only: bool) -> Iterator[str]:
    yield f"{visible(name, 40)}, {len(runs)} applies from {runs[0].started_at[:10]} to {runs[-1].started_at[:10]}"
    for label, field in _FIGURES:
        values = [getattr(run, field) or 0 for run in runs]
        bars = sparkline(values, max(width - _AROUND, _LEAST), ascii_only=ascii_only)
        yield f"  {label:<7}  {bars}  {min(values):,} to {max(values):,}, last {values[-1]:,}"

"""What every command that may send does around its run: ask whether it may, show what came of it, write the reports."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from enforcer.cli.flags import flagged
from enforcer.cli.runs import applying, measuring, telling
from enforcer.cli.runs.errands import Errand
from enforcer.cli.runs.measuring import NOBODY, Receivers
from enforcer.cli.terminal import logs, prompt, screen
from enforcer.errors import UsageError
from enforcer.reports import pieces


def require_consent(flags: Mapping[str, Any], *, look_first: str) -> None:
    """Raise UsageError if nobody is there to ask and --yes is not given; *look_first* is what to do before that."""
    if not flags["yes"] and not prompt.is_possible():
        raise UsageError(
            "there is no terminal to ask at, and --yes is not given",
            hint=f"Add --yes for a scheduled run, or look first: {look_first}",
        )


def carry(
    errand: Errand,
    sink: logs.LogSink,
    flags: Mapping[str, Any],
    *,
    form: str,
    metrics_file: str | None = None,
    receivers: Receivers = NOBODY,
) -> int:
    """Carry out *errand* as *flags* say, show its report in *form*, and return the exit code.

    Its metrics go to *metrics_file* too, if there is one, and to *receivers*.

    Raises what ended the run, once the report is out.
    """
    terms = flagged.terms(flags)
    folder = Path(flags["report_dir"]) if flags["report_dir"] else terms.home.run_folder(errand.run_id)
    outcome = applying.apply(
        errand,
        terms,
        sink,
        report_dir=folder,
        metrics_file=Path(metrics_file) if metrics_file else None,
        asks=not flags["yes"],
        colors=flagged.colors(flags),
    )
    if outcome.is_declined and form == "text":
        screen.show("Declined. Nothing was sent.")  # the plan stands above the question
    else:
        screen.show_as(form, pieces(outcome.report, form))
    if outcome.written_to is not None and form == "text":
        screen.show(f"Report  {outcome.written_to / 'report.html'}")
    measuring.measure(errand, outcome, sink, receivers)
    telling.tell(errand, outcome, sink)
    if outcome.error is not None:
        raise outcome.error
    return outcome.code

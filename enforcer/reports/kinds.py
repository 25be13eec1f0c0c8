"""What kind of run a report tells of, as far as what is said of it depends on that."""

from enforcer.errors import ExitCode
from enforcer.model.report.run import Report

PLAN = "plan"
"""The command that never sends."""


def is_refused(report: Report) -> bool:
    codes = {report.exit.code, *(notice.exit_code for notice in report.notices)}
    return ExitCode.REFUSED in codes


def is_only_planned(report: Report) -> bool:
    """Whether the report is about what would change: a plan, or an apply that was refused."""
    return report.command == PLAN or (is_refused(report) and nothing_sent(report))


def is_quiet(report: Report) -> bool:
    """Whether there was nothing to change and nothing else needs saying."""
    return (
        report.totals.planned == 0
        and report.exit.code == ExitCode.OK
        and not report.notices
        and not any(target.withheld for target in report.targets)
        and all(target.inventory and target.inventory.stable for target in report.targets)
    )


def nothing_sent(report: Report) -> bool:
    return all(
        target.requests.put == 0 and not any(task.attempts for task in target.tasks) for target in report.targets
    )

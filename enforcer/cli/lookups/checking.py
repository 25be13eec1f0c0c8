"""What `enforcer check` looks at, and how it says it to a person."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from enforcer.cli.runs import in_force
from enforcer.cli.state import Home
from enforcer.cli.wiring.documents import load_policy
from enforcer.core.authoring import trial
from enforcer.core.authoring.effective import values as effective_values
from enforcer.core.lint import in_order, lint, suppressed
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.text.moment import time_text
from enforcer.core.text.visible import visible
from enforcer.errors import PolicyError, UsageError
from enforcer.model.finding import CODES, Finding, Severity
from enforcer.model.policy import Policy
from enforcer.model.rule import Origin
from enforcer.model.task import Task
from enforcer.reports.findings import render
from enforcer.reports.table import aligned
from enforcer.run.clock import utc_now


class Checked(Struct, frozen=True, kw_only=True):
    """A policy and what was found in it."""

    policy: Policy
    findings: tuple[Finding, ...]
    tried: tuple[trial.Outcome, ...]
    now: datetime


def check(policy_path: str, inventory_path: str | None) -> Checked:
    """Return what is found in a policy that can be read; raise PolicyError, or DataError for the inventory."""
    policy = load_policy(policy_path)
    tasks = None if inventory_path is None else _listed(inventory_path)
    now = utc_now()
    tried = trial.outcomes(CompiledPolicy(policy), policy.tests, policy.overrides, now)
    found = (*lint(policy, now, tasks), *trial.failures(tried), *trial.without_a_test(policy.rules, tried))
    return Checked(policy=policy, findings=in_order(suppressed(found, policy.suppressions)), tried=tried, now=now)


def invalid(error: PolicyError) -> tuple[Finding, ...]:
    """Return the problems of a text that is no policy as findings."""
    return tuple(
        Finding(
            code=CODES["E001"],
            origin=Origin(file=problem.file, line=problem.line, column=problem.column),
            message=problem.message,
        )
        for problem in error.problems
    )


def _listed(inventory_path: str) -> Sequence[Task]:
    from enforcer.cli.lookups import inventory_file

    return inventory_file.read(inventory_path).tasks


def effective(policy_path: str, form: str) -> str:
    """Return every value of a policy that is in force and where it came from, as a table or, for ``json``, as rows.

    Raises UsageError for any other form, and PolicyError if the policy cannot be read.
    """
    if form not in {"text", "json"}:
        raise UsageError(f"--effective has no format {form}", hint="It has text and json.")
    values = effective_values(load_policy(policy_path))
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(values), indent=2).decode()
    rows = [(visible(each.key, 110), visible(each.text, 110), visible(each.origin, 1000)) for each in values]
    return "\n".join(aligned(rows))


def summary(checked: Checked, shown: str, home: Home, *, coverage: bool) -> str:
    """Return the findings, then a line that says how the policy stands, then the overrides that hold now.

    Raises JournalError if the overrides of *home* cannot be read.
    """
    blocks = [render(checked.findings, "text")] if checked.findings else []
    lines = [_standing(checked, shown), *_tests(checked, coverage=coverage), *_overrides(checked, home)]
    return "\n".join([*blocks, *lines])


def _standing(checked: Checked, shown: str) -> str:
    policy = checked.policy
    counts = Counter(each.code.severity for each in checked.findings)
    told = ", ".join(_number(counts[severity], severity) for severity in Severity if counts[severity])
    targets = ", ".join(target.name for target in policy.targets) or "the one that flags or environment describe"
    return (
        f"{visible(shown, 1000)}: {told or 'ok'}. {visible(policy.name, 100)}: {_number(len(policy.rules), 'rule')}, "
        f"default {policy.default}, targets: {targets}."
    )


def _tests(checked: Checked, *, coverage: bool) -> Iterator[str]:
    failed = sum(each.complaint is not None for each in checked.tried)
    if checked.tried:
        yield f"{_number(len(checked.tried), 'test')}, {failed} failed."
    if coverage:
        untested = trial.untested(checked.policy.rules, checked.tried)
        count = len(checked.policy.rules)
        yield f"{count - len(untested)} of {_number(count, 'rule')} decided by a test."
        for rule in untested:
            yield f"  no test is decided by {rule.id}  {visible(str(rule.origin), 1000)}"


def _overrides(checked: Checked, home: Home) -> Iterator[str]:
    for override in checked.policy.overrides:
        if not override.is_in_force(checked.now):
            yield (
                f"{visible(str(override.origin), 1000)}: override {override.id} expired at "
                f"{time_text(override.expires)} and no longer holds"
            )
    for override in in_force.overrides(checked.policy, home).in_force(checked.now):
        from enforcer.cli.tables import override_tables

        yield override_tables.in_short(override, checked.now)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"

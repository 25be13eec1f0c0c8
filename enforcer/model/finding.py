"""What `enforcer check` finds in a policy: the closed list of codes, and one finding.

docs/lint.md has a section for each code.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from enforcer.model.rule import Origin


class Severity(StrEnum):
    ERROR = "error"
    """The policy cannot mean this: exit 65."""
    WARNING = "warning"
    """It is likely a mistake: exit 65 with --strict."""
    NOTE = "note"
    """Worth knowing; never changes the exit code."""


class Code(Struct, frozen=True, kw_only=True):
    """A kind of finding."""

    name: str
    severity: Severity
    title: str


def _codes(*codes: Code) -> dict[str, Code]:
    return {code.name: code for code in codes}


CODES: Final = _codes(
    Code(name="E001", severity=Severity.ERROR, title="not a policy"),
    Code(name="E101", severity=Severity.ERROR, title="unreachable rule"),
    Code(name="E102", severity=Severity.ERROR, title="same match, another mode"),
    Code(name="E103", severity=Severity.ERROR, title="failed test"),
    Code(name="E104", severity=Severity.ERROR, title="suppression without a reason"),
    Code(name="W201", severity=Severity.WARNING, title="catch-all to auto"),
    Code(name="W202", severity=Severity.WARNING, title="expired rule"),
    Code(name="W203", severity=Severity.WARNING, title="rule expires soon"),
    Code(name="W204", severity=Severity.WARNING, title="no reason"),
    Code(name="W205", severity=Severity.WARNING, title="rule without a test"),
    Code(name="W206", severity=Severity.WARNING, title="suppression of nothing"),
    Code(name="W301", severity=Severity.WARNING, title="shadowed rule"),
    Code(name="W302", severity=Severity.WARNING, title="rule matches nothing"),
    Code(name="W303", severity=Severity.WARNING, title="near miss"),
    Code(name="W304", severity=Severity.WARNING, title="expression is tested whole"),
    Code(name="W305", severity=Severity.WARNING, title="more than the budget"),
)
"""E0xx are of a text that is no policy; E1xx and W2xx need only the policy; W3xx need an inventory."""


class Suppression(Struct, frozen=True, kw_only=True):
    """A comment that says why a finding is to be passed over."""

    origin: Origin
    """Where the comment stands."""
    line: int
    """Of the line that it speaks of."""
    codes: tuple[str, ...]
    reason: str | None
    """None: none is given, so nothing is passed over."""


class Finding(Struct, frozen=True, kw_only=True):
    """One thing found, at one place of the policy."""

    code: Code
    origin: Origin
    message: str
    """What is so, and what was expected."""
    hint: str | None = None
    rule: str | None = None
    """The id of the rule that it is about, if it is about one."""

"""What an examination found, one line each: the value, and how it is shown to people and to programs."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

from enforcer.core.text.visible import visible
from enforcer.errors import EnforcerError, ExitCode
from enforcer.reports.table import aligned

AGAIN: Final = "Run `enforcer doctor` again when that is put right."
"""What to do where the message tells all, and nothing that can be named follows from it."""


class Status(StrEnum):
    """How it stands with one thing."""

    OK = "ok"
    WARN = "warn"
    """A run would go on, and a person should look."""
    FAIL = "fail"
    """A run would not get past it."""
    SKIP = "skip"
    """It was not tried; the message says why."""


class Diagnosis(Struct, frozen=True, kw_only=True):
    """One line of an examination."""

    check: str
    target: str | None = None
    """None: it is the same for all targets."""
    status: Status = Status.OK
    message: str
    """What was found. Never a secret."""
    hint: str | None = None
    """What to do; always there for WARN and FAIL."""
    exit_code: ExitCode = ExitCode.OK
    """What a run would end with; OK unless the status is FAIL."""


def failed(check: str, error: EnforcerError, *, target: str | None = None) -> Diagnosis:
    """Return what *error* keeps a run from."""
    return Diagnosis(
        check=check,
        target=target,
        status=Status.FAIL,
        message=error.message,
        hint=error.hint or AGAIN,
        exit_code=error.exit_code,
    )


def as_json(diagnoses: Sequence[Diagnosis]) -> str:
    """Return a JSON array of one object per diagnosis."""
    return msgspec.json.format(msgspec.json.encode(diagnoses), indent=2).decode()


def as_text(diagnoses: Sequence[Diagnosis]) -> str:
    """Return one line per diagnosis with what to do below it, and a last line that counts."""
    heads = aligned([(each.status, _name(each), "") for each in diagnoses])
    width = max(map(len, heads), default=0) + 2
    lines: list[str] = []
    for head, each in zip(heads, diagnoses, strict=True):
        lines.append(head.ljust(width) + visible(each.message, 1000))
        if each.hint:
            lines.append(" " * width + visible(each.hint, 1000))
    return "\n".join([*lines, "", _count(diagnoses)])


def _name(diagnosis: Diagnosis) -> str:
    return diagnosis.check if diagnosis.target is None else f"{visible(diagnosis.target, 60)}: {diagnosis.check}"


def _count(diagnoses: Sequence[Diagnosis]) -> str:
    statuses = [each.status for each in diagnoses]
    failing, warning = statuses.count(Status.FAIL), statuses.count(Status.WARN)
    if failing:
        return f"{failing} of {len(statuses)} would stop a run; what to do stands below each."
    if warning:
        return f"Nothing would stop a run. {warning} of {len(statuses)} should be looked at."
    return "Everything is in order."

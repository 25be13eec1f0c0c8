"""Every error that is raised on purpose, and the exit code each one leads to.

    EnforcerError
    ├── RefusedError       4  what was asked for goes against what is in force; a saved plan no longer holds
    ├── UsageError        64  wrong flags
    ├── DataError         65  a policy, plan or inventory file is invalid
    │   └── PolicyError       with every problem of the text, not the first
    ├── UnavailableError  69  the API could not be reached before any change
    ├── JournalError      74  the journal or the state directory cannot be written or read
    ├── BusyError         75  another run holds the lock
    ├── ProtocolError     76  the endpoint answers, but not like DCS
    ├── DeniedError       77  credentials refused, or a permission is missing
    └── ConfigError       78  endpoint, CA, credential source or proxy settings are invalid

Expected failures of a single call are values (``model.answer.Failure``), not errors.
"""

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What the command's exit status means; a stable interface (docs/commands.md has the same table)."""

    OK = 0
    DRIFT = 2
    PARTIAL = 3
    REFUSED = 4
    ABORTED = 5
    USAGE = 64
    DATA = 65
    UNAVAILABLE = 69
    SOFTWARE = 70
    IO = 74
    BUSY = 75
    PROTOCOL = 76
    DENIED = 77
    CONFIG = 78
    SIGINT = 130
    SIGTERM = 143

    @property
    def label(self) -> str:
        """The name that reports and documents use; both signals are ``interrupted``."""
        if self in {ExitCode.SIGINT, ExitCode.SIGTERM}:
            return "interrupted"
        return self.name.lower()


MEANING: dict[ExitCode, str] = {
    ExitCode.OK: "all is as decided, and was read back; plan, check: nothing wrong",
    ExitCode.DRIFT: "only with plan --detailed-exitcode: there is something to change",
    ExitCode.PARTIAL: "done to its end, but not all is as decided, or the list was unstable",
    ExitCode.REFUSED: "a guard or a person said no before the first PUT",
    ExitCode.ABORTED: "stopped midway: the deadline, the network or the gate of a wave",
    ExitCode.USAGE: "wrong flags",
    ExitCode.DATA: "a policy, plan or inventory file is invalid",
    ExitCode.UNAVAILABLE: "the API could not be reached before any change",
    ExitCode.SOFTWARE: "a bug; the journal was closed first",
    ExitCode.IO: "the journal, the state directory or a report cannot be written or read",
    ExitCode.BUSY: "another run holds the lock",
    ExitCode.PROTOCOL: "the endpoint answers, but not like DCS: redirect, HTML, garbage",
    ExitCode.DENIED: "credentials refused or permission missing",
    ExitCode.CONFIG: "endpoint, CA, credential source or proxy settings invalid",
    ExitCode.SIGINT: "interrupted by SIGINT, after draining",
    ExitCode.SIGTERM: "interrupted by SIGTERM, after draining",
}


class EnforcerError(Exception):
    """What could not be done and to what; *hint* is the next step to take, or None."""

    exit_code = ExitCode.SOFTWARE

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class RefusedError(EnforcerError):
    exit_code = ExitCode.REFUSED


class UsageError(EnforcerError):
    exit_code = ExitCode.USAGE


class DataError(EnforcerError):
    exit_code = ExitCode.DATA


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing that is wrong in a file; *line* and *column* count from 1."""

    file: str
    line: int
    column: int
    message: str
    """What is wrong; what was expected."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class PolicyError(DataError):
    """Every problem of a policy text, in the order of the text."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class UnavailableError(EnforcerError):
    exit_code = ExitCode.UNAVAILABLE


class JournalError(EnforcerError):
    exit_code = ExitCode.IO


class BusyError(EnforcerError):
    exit_code = ExitCode.BUSY


class ProtocolError(EnforcerError):
    exit_code = ExitCode.PROTOCOL


class DeniedError(EnforcerError):
    exit_code = ExitCode.DENIED


class ConfigError(EnforcerError):
    exit_code = ExitCode.CONFIG

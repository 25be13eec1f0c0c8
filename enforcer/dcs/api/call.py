"""The calls that are made, a request of one of them, and the answer to it. Values only: no I/O."""

from collections.abc import Iterable, Mapping
from typing import Final, NewType
from urllib.parse import quote

from msgspec import Struct

KIB: Final = 1024

HeaderLines = NewType("HeaderLines", str)
"""Headers as they go over the wire, each with its line break: whoever makes one sees to it that no part ends a line."""


class Call(Struct, frozen=True, kw_only=True):
    """One operation of the API, with what the transport and the classifier need to know of it."""

    method: str
    noun: str
    """What a message calls it: "the task list"."""
    permission: str | None
    """The IAM action that it needs; None where that is not documented."""
    ends_run: bool
    """Whether a 403 says that nothing at all can be done."""
    changes: bool
    """Whether a request without a usable answer may have changed something."""
    one_task: bool
    """Whether it is about one task, which may be gone."""
    is_long: bool = False
    """Whether its answer may be so long that it takes its time to come."""
    body_limit: int = 256 * KIB
    """Bytes of an answer's body that are read, decompressed; a longer one is no answer."""
    header_limit: int = 8 * KIB
    """Bytes that one header of an answer may have."""


LIST: Final = Call(
    method="GET",
    noun="the task list",
    permission="dcs:migrationTask:list",
    ends_run=True,
    changes=False,
    one_task=False,
    is_long=True,
    body_limit=32 * KIB * KIB,
)
SHOW: Final = Call(
    method="GET",
    noun="the task's details",
    permission="dcs:migrationTask:get",
    ends_run=False,
    changes=False,
    one_task=True,
)
UPDATE: Final = Call(
    method="PUT",
    noun="the change",
    permission="dcs:migrationTask:modify",
    ends_run=False,
    changes=True,
    one_task=True,
)
TOKEN: Final = Call(
    method="POST",
    noun="the request for an IAM token",
    permission=None,
    ends_run=True,
    changes=False,
    one_task=False,
    # The token comes in a header; the gateway takes headers of up to 32 KB, so a token may have as much.
    header_limit=32 * KIB,
)
PROJECTS: Final = Call(
    method="GET",
    noun="the look-up of the project in IAM",
    permission=None,
    ends_run=True,
    changes=False,
    one_task=False,
)
CALLS: Final = (LIST, SHOW, UPDATE, TOKEN, PROJECTS)


class Request(Struct, frozen=True, kw_only=True):
    """What goes on the wire, less the headers of authentication.

    *path* and *query* are sent as they stand, and signed so. In a path nothing has to be escaped; a query is made by
    `canonical_query`.
    """

    call: Call
    path: str
    query: str = ""
    body: bytes = b""

    def __repr__(self) -> str:
        return f"Request({self.call.method} {self.target})"

    @property
    def target(self) -> str:
        """The request line's target."""
        return f"{self.path}?{self.query}" if self.query else self.path


def header_lines(headers: Mapping[str, str]) -> HeaderLines:
    """Return *headers* as lines; raise ValueError if a part of one could pass for another."""
    return HeaderLines("".join([f"{unbroken(name)}: {unbroken(value)}\r\n" for name, value in headers.items()]))


def unbroken(text: str) -> str:
    """Return *text*; raise ValueError, which does not show it, if it would end the line that it is put into."""
    if "\r" in text or "\n" in text:
        raise ValueError("a header with a line break in it would not be read as it is meant")
    return text


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the query string to sign and to send."""
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(pairs))


class Answer(Struct, frozen=True, kw_only=True):
    """A complete answer. *headers* finds names whatever their case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    secrets: tuple[str, ...] = ()
    """What the request carried and no message may show, should the server echo it."""
    is_bounded: bool = True
    """Whether the answer itself says where it ends; if not, the end of the connection may have cut it."""
    received_at: float | None = None
    """Unix time by this machine's clock; None if nobody looked."""

    def __repr__(self) -> str:
        """Show nothing that may be secret."""
        return f"Answer({self.status}, {len(self.body)} bytes)"

"""What is new in a run, what people are told of it, and what came of telling them."""

from msgspec import Struct

from enforcer.model.difference import Difference
from enforcer.model.report.run import Exit


class News(Struct, frozen=True, kw_only=True):
    """What a run has that the one before it, of the same policy, had not."""

    before: Exit | None = None
    """How the run before ended; None: there is none to compare with."""
    has_ended_otherwise: bool = False
    difference: Difference | None = None
    """None without a run before."""
    is_new: bool
    """Whether any of it is worth telling."""


class Message(Struct, frozen=True, kw_only=True):
    """A text in Markdown, and a title without markup."""

    title: str
    body: str


class Delivery(Struct, frozen=True, kw_only=True):
    """What came of one message to one service."""

    service: str
    """Its kind, for people, like ``Slack``; never a part of its URL."""
    failure: str | None = None
    """Why it was not taken, as far as that can be told without its URL; None: it was."""

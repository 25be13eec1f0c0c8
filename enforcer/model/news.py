"""What is new in a run, what people are told of it, and what came of telling them."""

from dataclasses import dataclass

from enforcer.model.difference import Difference
from enforcer.model.report.run import Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a run has that the one before it, of the same policy, had not."""

    before: Exit | None = None
    """How the run before ended; None: there is none to compare with."""
    has_ended_otherwise: bool = False
    difference: Difference | None = None
    """None without a run before."""
    is_new: bool
    """Whether any of it is worth telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A text in Markdown, and a title without markup."""

    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came of one message to one service."""

    service: str
    """Its kind, for people, like ``Slack``; never a part of its URL."""
    failure: str | None = None
    """Why it was not taken, as far as that can be told without its URL; None: it was."""

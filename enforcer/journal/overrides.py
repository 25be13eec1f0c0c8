"""Overrides in the journal's database: their steps, added and never changed. Judges nothing of what they say."""

from collections.abc import Callable, Sequence

import msgspec

from enforcer.core.overrides.ledger import replay
from enforcer.errors import JournalError
from enforcer.journal.stores import OVERRIDES, Connection, Store
from enforcer.model.override import STEPS, Override, Step

_SELECT = "SELECT seq, kind, body FROM override_step ORDER BY seq"
_SELECT_LAST = "SELECT max(seq) FROM override_step"
_INSERT = "INSERT INTO override_step (override_id, at, kind, body) VALUES (?, ?, ?, ?)"

_DECODERS: dict[str, msgspec.json.Decoder[Step]] = {kind: msgspec.json.Decoder(cls) for kind, cls in STEPS.items()}


def stored(store: Store) -> tuple[Override, ...]:
    """
    Return every override of *store*, whatever became of it; () without a journal.

    Raises JournalError if they cannot be read, or some of their steps are lost.
    """
    with store.reading() as connection:
        store.marks.check_overrides(_last(connection) if connection else 0)
        return _stored(connection) if connection else ()


def version(store: Store) -> int:
    """Return a number that grows with every step; 0 without any. Raises JournalError."""
    with store.reading() as connection:
        return _last(connection) if connection else 0


def amend(store: Store, steps: Callable[[tuple[Override, ...]], Sequence[Step]]) -> tuple[Step, ...]:
    """Record what *steps* makes of the overrides there are, and return it; durable when this returns.

    Nobody else adds a step in between, so what *steps* judges still holds. What it raises comes out, and nothing is
    recorded. Raises JournalError if the journal cannot be read or written.
    """
    with store.writing() as connection:
        store.marks.check_overrides(_last(connection))
        taken = tuple(steps(_stored(connection)))
        connection.executemany(_INSERT, map(_row, taken))
        last = _last(connection)
    store.marks.put(OVERRIDES, last)
    return taken


def _last(connection: Connection) -> int:
    (last,) = connection.execute(_SELECT_LAST).fetchone()
    return last or 0


def _stored(connection: Connection) -> tuple[Override, ...]:
    return replay(_step(*row) for row in connection.execute(_SELECT))


def _row(step: Step) -> tuple[str, float, str, str]:
    return step.override_id, step.at.timestamp(), step.kind, msgspec.json.encode(step).decode()


def _step(seq: int, kind: str, body: str) -> Step:
    decoder = _DECODERS.get(kind)
    try:
        if decoder is not None:
            return decoder.decode(body)
        wrong = f"its kind {kind!r} is not known"
    except msgspec.MsgspecError as error:
        wrong = str(error)
    raise JournalError(
        f"step {seq} of the overrides cannot be read: {wrong}",
        hint="Without it nobody can say which tasks are to be left alone, so nothing is sent. "
        "Use the version of enforcer that wrote it.",
    )

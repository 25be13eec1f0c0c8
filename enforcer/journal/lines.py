"""Events as text, one JSON object a line: what `runs export` gives, and what a run says whose journal has failed.

Each line begins with its schema, by which it is found among other lines, whatever a log collector put before it.
"""

import msgspec
from msgspec import Struct

from enforcer.model.event import EVENTS, Entry, Event

SCHEMA = "enforcer.event/1"
_MARK = f'{{"schema":"{SCHEMA}"'

encode = msgspec.json.Encoder().encode
_DECODERS: dict[str, msgspec.json.Decoder[Event]] = {kind: msgspec.json.Decoder(cls) for kind, cls in EVENTS.items()}


class _Line(Struct, frozen=True, kw_only=True):
    schema: str
    run_id: str
    seq: int
    at: float
    kind: str
    event: msgspec.Raw


def line(run_id: str, entry: Entry) -> str:
    """Return *entry* of a run as one line, without its end."""
    body = msgspec.Raw(encode(entry.event))
    whole = _Line(schema=SCHEMA, run_id=run_id, seq=entry.seq, at=entry.at, kind=entry.event.kind, event=body)
    return encode(whole).decode()


def parse(text: str) -> tuple[str, Entry] | None:
    """
    Return the run's id and the entry that a line of *text* tells of; None if it tells of none.

    Raises ValueError("what is wrong") if it is one of ours and not whole.
    """
    _, mark, rest = text.partition(_MARK)
    if not mark:
        return None
    try:
        found = msgspec.json.decode(mark + rest.rstrip(), type=_Line)
    except msgspec.MsgspecError as error:
        raise ValueError(f"the line is damaged: {error}") from error
    if found.seq < 1:
        raise ValueError(f"the line is damaged: an event's number is 1 or more, not {found.seq}")
    return found.run_id, Entry(seq=found.seq, at=found.at, event=event(found.kind, found.event))


def event(kind: str, body: str | msgspec.Raw) -> Event:
    """Return the event that *body*, JSON, says; raise ValueError("why it cannot be read")."""
    decoder = _DECODERS.get(kind)
    if decoder is None:
        raise ValueError(f"an event of the kind {kind!r} is unknown here: a newer version of enforcer wrote it")
    try:
        return decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise ValueError(f"the event {kind} cannot be read: {error}") from error

"""JSON documents that one command writes and another reads back, maybe from another machine: whether they are such."""

from typing import TypeVar

import msgspec

from enforcer.errors import DataError

T = TypeVar("T")


def parsed(data: bytes, kind: type[T], *, name: str, writer: str, most_bytes: int) -> T:
    """Return the *kind* that *data* spells; raise DataError if it spells none, or has more than *most_bytes*.

    *name* is what the message calls the document, and *writer* the command that makes sound ones.
    """
    expected = f"expected what `{writer}` wrote"
    if len(data) > most_bytes:
        raise DataError(f"{name} is larger than {most_bytes >> 20} MiB; {expected}")
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError:
        raise DataError(f"{name}: nested too deeply; {expected}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as wrong:
        raise DataError(f"{name}: {wrong}; {expected}") from None

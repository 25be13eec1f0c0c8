"""Text of a server made fit for people: printable, short, and without what must not be shown."""

import re
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 300
_IDENTIFYING: Final = re.compile(r"(?i)\b(ak|access|signature)(\s*[:=]\s*)[^\s,;]+")
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


def plain(text: str, *, secrets: Iterable[str] = ()) -> str:
    """Return *text* on one line, without control characters; *secrets*, key ids and signatures are masked."""
    for secret in secrets:
        text = text.replace(secret, "***")
    text = _IDENTIFYING.sub(r"\1\2***", text)
    return "".join([char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in " ".join(text.split())])


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return *text*, cut to *longest* characters with a mark where it was cut."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def word(value: object) -> str | None:
    """Return *value* if it is an id or code of ordinary letters, else None."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**15 else None
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None

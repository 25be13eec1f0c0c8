"""Text from outside, made harmless for a terminal. Knows nothing of markup: a format escapes on top of it."""

# Characters that Python calls printable and that show as nothing or as a gap: joiners and fillers, the blank
# Braille cell, and variation selectors. A name could hide in them, or another name's twin.
_BLANK = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
            *(*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)),
        ),
    )
)
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: str, limit: int = 256) -> str:
    r"""Return *text* on one line, with every character that controls, reorders or hides written as an escape.

    Those are control characters (so no ANSI sequence survives), bidi controls, zero-width and unusual
    spaces, surrogates, private and unassigned code points: ``\x1b``, ``\u202e``, ``\U000e0041``, ``\n``.
    Backslashes stand as they are, so that making visible twice changes nothing.
    The answer has at most *limit* (1 or more) characters; a longer one is cut, never inside an escape, and
    ends in an ellipsis.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    pieces = [_escaped(char) for char in text[: limit + 1]]
    whole = "".join(pieces)
    return whole if len(whole) <= limit else _cut(pieces, limit - 1) + "…"


def visible_json(text: str) -> str:
    r"""Return *text*, JSON of one line or more, with ``\uXXXX`` for all in its strings that is not printable.

    It reads back as it was.
    """
    # The same for most texts, and quick: what JSON leaves as it is in ASCII prints, all but one.
    if text.isascii() and "\x7f" not in text:
        return text
    return "\n".join(line if line.isprintable() else _visible_line(line) for line in text.split("\n"))


def _visible_line(line: str) -> str:
    return "".join(char if char.isprintable() else _json_escape(char) for char in line)


def _json_escape(char: str) -> str:
    units = char.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _escaped(char: str) -> str:
    if char.isprintable() and char not in _BLANK:
        return char
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _cut(pieces: list[str], room: int) -> str:
    kept: list[str] = []
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept)

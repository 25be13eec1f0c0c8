"""Numbers and times as people read them."""


def duration(seconds: float) -> str:
    """Return *seconds* for people: ``0.8 s``, ``12 s``, ``6 min 41 s``, ``2 h 3 min``. Below zero counts as zero."""
    tenths = round(max(seconds, 0.0), 1)
    if tenths < 10:
        return f"{tenths:g} s"
    minutes, rest = divmod(round(tenths), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

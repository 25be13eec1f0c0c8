"""Chance that can be repeated: the same words give the same number, whatever the order of requests."""

import hashlib


def chance(*words: object) -> float:
    """Return a number from 0 (included) to 1 (excluded) that follows from *words* alone."""
    return int.from_bytes(_digest(words)[:8], "big") / 2**64


def hexadecimal(length: int, *words: object) -> str:
    """Return *length* (at most 128) hexadecimal digits that follow from *words* alone."""
    return _digest(words).hex()[:length]


def _digest(words: tuple[object, ...]) -> bytes:
    return hashlib.blake2b("/".join(map(str, words)).encode()).digest()

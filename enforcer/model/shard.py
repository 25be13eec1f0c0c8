"""A part of a run that several jobs carry out together."""

from msgspec import Struct


class Shard(Struct, frozen=True, kw_only=True):
    """The part *number*, from 0, of *of* parts; as a text ``0/3``."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

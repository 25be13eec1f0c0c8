"""Who asks: an access key, a token or a user's password. Values that never show what is secret in them."""

from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias


class Secret:
    """A text that shows as ``***`` wherever it is printed, formatted or pickled."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself: for the request that needs it, and for nothing else."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __format__(self, _spec: str) -> str:
        return "***"

    def __reduce__(self) -> tuple[type["Secret"], tuple[str]]:
        return Secret, ("***",)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """A permanent key, or a temporary one if it has a security token."""

    source: str
    """The name of the source in `SOURCES`."""
    origin: str
    """Where they were found, for people: names, never values."""
    access: str = field(repr=False)
    secret: Secret
    security_token: Secret | None = None
    expires_at: float | None = None
    """Unix time at which it expires; None: it does not, or its source does not say."""
    renew_at: float | None = None
    """Unix time from which on a successor is to be asked for, before this one expires; None: it does not."""

    @property
    def kind(self) -> str:
        """What it is, for people."""
        return "a temporary access key" if self.security_token else "an access key"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may show."""
        parts = (self.secret, self.security_token)
        return (self.access, *(part.reveal() for part in parts if part))


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An IAM token that someone else got; it belongs to one project."""

    source: str
    origin: str
    token: Secret
    expires_at: float | None = None
    renew_at: float | None = None
    kind: ClassVar[str] = "a token"

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.token.reveal(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """An IAM user's password, good for getting a token."""

    source: str
    origin: str
    user: str
    password: Secret
    domain: str
    """The name of the account that the user belongs to."""
    expires_at: None = None
    renew_at: None = None
    kind: ClassVar[str] = "a password"

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.password.reveal(),)


Credentials: TypeAlias = AccessKey | Token | Password


def differ(one: Credentials, other: Credentials) -> bool:
    """Whether a server could take one of them and refuse the other."""
    return type(one) is not type(other) or one.secrets != other.secrets

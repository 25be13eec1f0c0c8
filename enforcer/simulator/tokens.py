"""The IAM tokens that were issued, and until when they are good; knows nothing of requests."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    text: str
    project_id: str | None
    """None: asked for without a project, so good for none."""
    issued_at: datetime
    expires_at: datetime


class Tokens:
    """A new token does not cancel an older one."""

    def __init__(self, *, lifetime: float) -> None:
        self._lifetime = timedelta(seconds=lifetime)
        self._issued: dict[str, Token] = {}

    def issue(self, project_id: str | None) -> Token:
        # Long, because real ones are: clients have to carry it in a header and keep it out of log lines.
        text = f"MIISim{secrets.token_urlsafe(768)}"
        now = datetime.now(UTC)
        token = Token(text=text, project_id=project_id, issued_at=now, expires_at=now + self._lifetime)
        self._issued[text] = token
        return token

    def find(self, text: str) -> Token | None:
        return self._issued.get(text)

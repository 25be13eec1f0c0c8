"""HTTP/1.1 as far as a fault server needs it: the end of a request, and the bytes of an answer. No I/O but reading."""

import asyncio
import json
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Head:
    method: str
    target: str
    headers: dict[str, str]
    """Names in lower case."""


@dataclass(kw_only=True)
class Reply:
    """An answer; what is not bytes or text becomes JSON."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()

    def wire(self, *, at: float) -> bytes:
        """Return the bytes of the answer, dated *at*, Unix time."""
        body = self.payload()
        headers = {
            "Date": formatdate(at, usegmt=True),
            "Content-Type": "application/json",
            **({} if self.status == 204 else {"Content-Length": str(len(body))}),
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status} X", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def read_head(reader: asyncio.StreamReader) -> Head:
    """Raise IncompleteReadError at the end of the connection."""
    text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = text.rstrip("\r\n").split("\r\n")
    method, target, _version = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Head(method=method, target=target, headers=headers)

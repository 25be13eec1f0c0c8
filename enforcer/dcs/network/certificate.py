"""What a server's certificate says of itself, for the message that it was not accepted.

The library gives no certificate that failed the check, so it is asked for once more, by a handshake that checks
nothing and is followed by nothing: no request and no secret ever goes over such a connection.
"""

import asyncio
import ssl
from collections.abc import Iterator
from typing import Final

from enforcer.dcs.api.texts import plain, shortened
from enforcer.dcs.network.resolver import look_up

_NAMES: Final = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O", b"\x55\x04\x0b": "OU"}
_SEQUENCE_OF_VERSION: Final = 0xA0
_UTC_TIME: Final = 0x17
_LONGEST_NAME: Final = 70


async def shown_by(host: str, port: int, *, within_s: float) -> str | None:
    """Return whose certificate *host* shows and until when it is valid, in words; None if that cannot be told."""
    try:
        async with asyncio.timeout(within_s):
            return described(await _certificate(host, port))
    except (OSError, ValueError, IndexError):
        return None


def described(der: bytes) -> str:
    """Return subject, issuer and last day of the certificate *der*; raise ValueError or IndexError if it is none."""
    (_, certificate), *_ = _elements(der)
    (_, body), *_ = _elements(certificate)
    fields = [value for tag, value in _elements(body) if tag != _SEQUENCE_OF_VERSION]
    _serial, _algorithm, issuer, validity, subject, *_ = fields
    _, (tag, until) = _elements(validity)
    return f"it is of {_name(subject)}, issued by {_name(issuer)}, valid until {_day(tag, until)}"


async def _certificate(host: str, port: int) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    (_, _, _, _, address), *_ = await look_up(host, port)
    _, writer = await asyncio.open_connection(str(address[0]), port, ssl=context, server_hostname=host)
    try:
        return writer.get_extra_info("ssl_object").getpeercert(binary_form=True) or b""
    finally:
        writer.transport.abort()


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value of each element of DER *data*."""
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length > 0x7F:
            size = length & 0x7F
            length = int.from_bytes(data[at : at + size])
            at += size
        yield tag, data[at : at + length]
        at += length


def _name(sequence: bytes) -> str:
    parts = []
    for _, part in _elements(sequence):
        (_, pair), *_ = _elements(part)
        (_, kind), (_, value), *_ = _elements(pair)
        if kind in _NAMES:
            parts.append(f"{_NAMES[kind]}={value.decode('utf-8', 'replace')}")
    return shortened(plain(", ".join(parts)), _LONGEST_NAME) or "nobody"


def _day(tag: int, time: bytes) -> str:
    text = time.decode("ascii", "replace")
    if tag == _UTC_TIME:
        text = ("19" if text >= "50" else "20") + text
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}"

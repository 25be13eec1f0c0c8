"""The ways in which a secret could stand in a text."""

import base64
import urllib.parse


def disguises(secret: str) -> set[bytes]:
    """Return *secret* as it is, percent-encoded, escaped, in hexadecimal, and in base64 at each of three offsets."""
    raw = secret.encode()
    plain = {raw, raw.hex().encode(), repr(secret)[1:-1].encode()}
    plain |= {quote(secret, safe="").encode() for quote in (urllib.parse.quote, urllib.parse.quote_plus)}
    plain |= {raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"'), raw.replace(b"/", b"\\/")}
    # The characters at the ends of a base64 text depend on what stands beside the secret.
    encoded = {
        encode(b"x" * offset + raw)[(0, 2, 3)[offset] : -4]
        for encode in (base64.b64encode, base64.urlsafe_b64encode)
        for offset in range(3)
    }
    return plain | {text for text in encoded if len(text) > 8}

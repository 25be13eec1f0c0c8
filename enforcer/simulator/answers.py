"""JSON answers."""

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web


def answer(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return *value* as JSON."""
    return web.Response(
        body=msgspec.json.encode(value), status=status, headers=headers, content_type="application/json"
    )

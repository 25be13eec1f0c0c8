"""A difference as JSON: its fields as they are."""

import msgspec

from enforcer.model.difference import Difference


def render(difference: Difference) -> str:
    """Return *difference* as an indented JSON object."""
    return msgspec.json.format(msgspec.json.encode(difference), indent=2).decode()

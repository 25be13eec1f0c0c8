"""The policy language as a JSON Schema, for editors and other tools."""

from typing import Any, Final

from enforcer.policyfile import keys

_COMMENT: Final = (
    "Some things no JSON Schema can say, and the loader refuses them all the same: two rules or targets of one name, "
    "malformed patterns, unknown time zones, days that no calendar has, rates above 100000/s, impossible IPv6 "
    "addresses, a bare number whose text does not fit (1.0 is not 1), and what is not YAML's data: duplicate keys, "
    "anchors, aliases, tags, several documents."
)


def document() -> dict[str, Any]:
    """Return the schema (Draft 2020-12) of one policy file; it accepts what the loader does."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "enforcer policy",
        "$comment": _COMMENT,
        **keys.DOCUMENT.schema(),
        "$defs": {named.name: named.reader.schema() for named in keys.DEFINITIONS},
    }

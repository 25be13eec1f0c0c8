"""The building blocks of the policy's grammar: each reads a node and says the same in JSON Schema.

They know nothing of policies: `words`, `keys` and the files of the larger keys put them together. A reader notes
every problem it finds and goes on; it returns BAD where it has no value to give.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, Final, Protocol, TypeAlias

from msgspec import Struct

from enforcer.policyfile.nodes import Mapping, Node, Refused, Scalar, Sequence
from enforcer.policyfile.problems import Place, Problems, listed, quoted, suggestion

Schema: TypeAlias = dict[str, Any]

MAX_TEXT: Final = 1024


class Bad(Enum):
    """The place of a value that could not be read."""

    BAD = "bad"


BAD: Final = Bad.BAD


class Reader(Protocol):
    """One kind of value."""

    @property
    def what(self) -> str:
        """What is expected, in the words of a message."""
        ...

    def read(self, node: Node, problems: Problems) -> Any:
        """Return the value, or BAD."""
        ...

    def schema(self) -> Schema:
        """Return a schema that accepts what *read* does, as far as a schema can tell."""
        ...


class Word(Struct, frozen=True, kw_only=True):
    """A scalar: text first, then whatever *parse* makes of it."""

    what: str
    parse: Callable[[str], Any]
    """Raises ValueError("what is wrong; what was expected")."""
    json: Schema

    def read(self, node: Node, problems: Problems) -> Any:
        if not isinstance(node, Scalar) or node.is_null:
            return _other_kind(node, self.what, problems)
        if len(node.text) > MAX_TEXT:
            problems.add(node.place, f"a text of {len(node.text)} characters; expected at most {MAX_TEXT}")
            return BAD
        try:
            return self.parse(node.text)
        except ValueError as error:
            problems.add(node.place, str(error))
            return BAD

    def schema(self) -> Schema:
        return dict(self.json)


class OneOrMany(Struct, frozen=True, kw_only=True):
    """A single value or a list of at least one; a tuple either way."""

    item: Reader

    @property
    def what(self) -> str:
        return f"{self.item.what}, or a list of them"

    def read(self, node: Node, problems: Problems) -> Any:
        match node:
            case Scalar():
                return _all([self.item.read(node, problems)])
            case Sequence(items=()):
                problems.add(node.place, f"an empty list; expected {self.what}")
                return BAD
            case Sequence():
                return _all([self.item.read(item, problems) for item in node.items])
            case _:
                return _other_kind(node, self.what, problems)

    def schema(self) -> Schema:
        return {"anyOf": [self.item.schema(), {"type": "array", "minItems": 1, "items": self.item.schema()}]}


class ListOf(Struct, frozen=True, kw_only=True):
    """A list of *least* to *most* items; a tuple."""

    what: str
    item: Reader
    least: int = 0
    most: int

    def read(self, node: Node, problems: Problems) -> Any:
        if not isinstance(node, Sequence):
            return _other_kind(node, self.what, problems)
        if not self.least <= len(node.items) <= self.most:
            bound = f"at least {self.least}" if len(node.items) < self.least else f"at most {self.most}"
            problems.add(node.place, f"{len(node.items)} items in {self.what}; expected {bound}")
            return BAD
        return _all([self.item.read(item, problems) for item in node.items])

    def schema(self) -> Schema:
        bounds = {"minItems": self.least} if self.least else {}
        return {"type": "array", "items": self.item.schema(), **bounds, "maxItems": self.most}


class Field(Struct, frozen=True, kw_only=True):
    """One key of a mapping."""

    key: str
    reader: Reader
    about: str
    """For editors and the reference: one sentence."""
    example: Any
    required: bool = False
    argument: str | None = None
    """The name under which `Record.build` gets the value; None: the key itself."""

    def schema(self) -> Schema:
        return {**self.reader.schema(), "description": self.about, "examples": [self.example]}


class Record(Struct, frozen=True, kw_only=True):
    """A mapping with known keys."""

    name: str
    """As in ``no 'id' in a rule``."""
    fields: tuple[Field, ...]
    build: Callable[..., Any]
    """Gets the mapping's place and, by name, the value of each key that is there."""
    if_empty: str | None = None
    """The message for a mapping without any key; None: it may be empty."""

    @property
    def what(self) -> str:
        return f"a mapping with {listed(field.key for field in self.fields)}"

    def read(self, node: Node, problems: Problems) -> Any:
        if not isinstance(node, Mapping):
            return _other_kind(node, self.what, problems)
        if self.if_empty and not node.entries:
            problems.add(node.place, self.if_empty)
            return BAD
        complete = self._check_required(node, problems)
        known = {field.key: field for field in self.fields}
        values: dict[str, Any] = {}
        for key, value in node.entries:
            field = known.get(key.text)
            if field is None:
                problems.add(key.place, _unknown_key(key.text, list(known)))
            else:
                values[field.argument or field.key] = field.reader.read(value, problems)
        if not complete or BAD in values.values():
            return BAD
        return self.build(node.place, **values)

    def _check_required(self, node: Mapping, problems: Problems) -> bool:
        missing = [field for field in self.fields if field.required and node.entry(field.key) is None]
        for field in missing:
            problems.add(node.place, f"no {field.key!r} in {self.name}; expected {field.key}: {field.reader.what}")
        return not missing

    def schema(self) -> Schema:
        required = [field.key for field in self.fields if field.required]
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {field.key: field.schema() for field in self.fields},
            **({"required": required} if required else {}),
            **({"minProperties": 1} if self.if_empty else {}),
        }


class MappingOr(Struct, frozen=True, kw_only=True):
    """A mapping, or its short form."""

    mapping: Record
    short: Reader
    build: Callable[[Any], Any]
    """Makes of the short form's value what the mapping would have given."""

    @property
    def what(self) -> str:
        return f"{self.mapping.name}, {self.short.what}"

    def read(self, node: Node, problems: Problems) -> Any:
        if isinstance(node, Mapping):
            return self.mapping.read(node, problems)
        value = self.short.read(node, problems)
        return BAD if value is BAD else self.build(value)

    def schema(self) -> Schema:
        return {"anyOf": [self.mapping.schema(), self.short.schema()]}


class Named(Struct, frozen=True, kw_only=True):
    """A reader whose schema stands once in the document, under ``$defs``."""

    name: str
    reader: Reader

    @property
    def what(self) -> str:
        return self.reader.what

    def read(self, node: Node, problems: Problems) -> Any:
        return self.reader.read(node, problems)

    def schema(self) -> Schema:
        return {"$ref": f"#/$defs/{self.name}"}


def _all(values: list[Any]) -> Any:
    return BAD if BAD in values else tuple(values)


def _other_kind(node: Node, expected: str, problems: Problems) -> Bad:
    match node:
        case Refused():
            return BAD
        case Scalar(is_null=True, text=""):
            found = "nothing"
        case Scalar(is_null=True):
            found = f"{node.text}, which is nothing (in quotes it is a word)"
        case Scalar():
            found = quoted(node.text)
        case Sequence():
            found = "a list"
        case Mapping():
            found = "a mapping"
    problems.add(node.place, f"{found}; expected {expected}")
    return BAD


def _unknown_key(key: str, known: list[str]) -> str:
    return f"unknown key {quoted(key)}; expected {listed(known)}{suggestion(key, known)}"


def unique(nodes: list[Node], key: str, problems: Problems) -> None:
    """Note every item of the lists *nodes* whose *key* has the text of an earlier item's."""
    seen: dict[str, Place] = {}
    items = (item for node in nodes if isinstance(node, Sequence) for item in node.items)
    for item in items:
        entry = item.entry(key) if isinstance(item, Mapping) else None
        if entry is None or not isinstance(entry[1], Scalar):
            continue
        value = entry[1]
        first = seen.setdefault(value.text, value.place)
        if first is not value.place:
            problems.add(value.place, f"{key} {quoted(value.text)} is taken; {first} has it already")

"""Policy text -> a tree of nodes in which every scalar is the text that stands there, with its place.

The only file that knows PyYAML. It resolves nothing: no types, tags, anchors or merge keys. Its work is bounded:
size is the caller's care, depth and the number of values are checked while the text is read.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import yaml
from msgspec import Struct

from enforcer.policyfile.problems import Place, Problems, quoted

MAX_DEPTH: Final = 20
MAX_NODES: Final = 100_000

FORBIDDEN: Final = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters
    r"\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # they reorder or break lines: the text reads otherwise than it is
    r"\ud800-\udfff\ufeff\ufffe\uffff"  # not characters
)
"""The inside of a regular expression's class: what may stand in no policy, written out or escaped."""

_FORBIDDEN: Final = re.compile(f"[{FORBIDDEN}]")
_LINE_BREAK: Final = re.compile("\r\n|\r|\n")
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STAR_HINT: Final = 'a pattern that begins with * needs quotes, like "*-wan-*"'


class Scalar(Struct, frozen=True, kw_only=True):
    place: Place
    text: str
    is_null: bool = False
    """Nothing stands there, or an unquoted word that YAML reads as nothing."""


class Sequence(Struct, frozen=True, kw_only=True):
    place: Place
    items: tuple["Node", ...]


class Mapping(Struct, frozen=True, kw_only=True):
    place: Place
    entries: tuple[tuple[Scalar, "Node"], ...]
    """Each key once."""

    def entry(self, key: str) -> "tuple[Scalar, Node] | None":
        """Return the key *key* and its value, if it is there."""
        return next((entry for entry in self.entries if entry[0].text == key), None)


class Refused(Struct, frozen=True, kw_only=True):
    """Something whose problem is noted already, and of which nothing more is to be said."""

    place: Place


Node: TypeAlias = Scalar | Sequence | Mapping | Refused


class _StopReadingError(Exception):
    """The problem is noted; the rest of the text is not worth reading, or not safe to read."""


def compose(data: bytes, file: str, problems: Problems) -> Node | None:
    """Return the tree of one document, or None if there is none to speak of; *problems* then has the reason."""
    text = _decoded(data, file, problems)
    if text is None:
        return None
    try:
        return _Composer(text, file, problems).document()
    except _StopReadingError:
        return None
    except yaml.MarkedYAMLError as error:
        problems.add(*_syntax_problem(error, text, file))
    except Exception as error:  # noqa: BLE001 - whatever a parser raises on a hostile text is that text's problem
        problems.add(Place(file=file, line=1, column=1), f"not readable as YAML ({type(error).__name__})")
    return None


def _decoded(data: bytes, file: str, problems: Problems) -> str | None:
    start = Place(file=file, line=1, column=1)
    if b"\0" in data:
        problems.add(start, "a binary file; expected a YAML text in UTF-8")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _end_of(data[: error.start].decode("utf-8-sig"), file)
        problems.add(place, f"not UTF-8 (byte 0x{data[error.start]:02x}); expected a YAML text in UTF-8")
        return None
    starts = _line_starts(text)
    for found in _FORBIDDEN.finditer(text):
        problems.add(_place(starts, found.start(), file), _forbidden(found[0]))
    return _FORBIDDEN.sub("\ufffd", text)


def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in _LINE_BREAK.finditer(text))]


def _place(starts: list[int], offset: int, file: str) -> Place:
    line = bisect_right(starts, offset)
    return Place(file=file, line=line, column=offset - starts[line - 1] + 1)


def _end_of(text: str, file: str) -> Place:
    return _place(_line_starts(text), len(text), file)


def _forbidden(char: str) -> str:
    return f"the character U+{ord(char):04X} is not allowed; expected characters that a reader can see"


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> tuple[Place, str]:
    """Return where and why *text* is no YAML; what is missing at the end of the text is shown where it began."""
    end = _end_of(text.rstrip(), file)
    marks = [mark for mark in (error.problem_mark, error.context_mark) if mark is not None]
    places = [Place(file=file, line=mark.line + 1, column=mark.column + 1) for mark in marks]
    place = next((place for place in places if (place.line, place.column) < (end.line, end.column)), end)
    what = ", ".join(part for part in (error.context, error.problem) if part)
    hint = ""
    if _LINE_BREAK.split(text)[place.line - 1][place.column - 1 :].startswith("\t"):
        hint = "; expected spaces, not a tab"
    elif "alias" in what:
        hint = f"; {_STAR_HINT}"
    return place, f"not valid YAML: {what}{hint}"


class _Composer:
    """One pass over the parser's events."""

    def __init__(self, text: str, file: str, problems: Problems) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        self._file = file
        self._problems = problems
        self._nodes = 0
        self._end = _end_of(text, file)

    def document(self) -> Node | None:
        next(self._events)
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            place = Place(file=self._file, line=1, column=1)
            self._problems.add(place, "nothing in it; expected a policy, which begins with version: 1")
            return None
        if start.version or start.tags:
            self._problems.add(self._place_of(start), "a % directive is not allowed; expected none")
        root = self._node(next(self._events), depth=1)
        next(self._events)
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._problems.add(self._place_of(after), "a second document begins here; expected one document in a file")
        return root

    def _place_of(self, event: Any) -> Place:
        # The parser puts a value that the end of the text cut off behind the end.
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        return Place(file=self._file, line=line, column=column) if line <= self._end.line else self._end

    def _node(self, event: Any, depth: int) -> Node:
        place = self._place_of(event)
        self._check_bounds(place, depth)
        if isinstance(event, yaml.AliasEvent):
            self._problems.add(place, f"an alias ('*{event.anchor}') is not allowed; {_STAR_HINT}")
            return Refused(place=place)
        self._check_properties(event, place)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(place=place, items=tuple(self._items(depth)))
        return Mapping(place=place, entries=tuple(self._entries(depth)))

    def _check_bounds(self, place: Place, depth: int) -> None:
        self._nodes += 1
        if depth > MAX_DEPTH:
            self._problems.add(place, f"too deep; expected at most {MAX_DEPTH} levels")
            raise _StopReadingError
        if self._nodes > MAX_NODES:
            self._problems.add(place, f"too many values; expected at most {MAX_NODES}")
            raise _StopReadingError

    def _check_properties(self, event: Any, place: Place) -> None:
        if event.anchor is not None:
            self._problems.add(
                place, f"an anchor ('&{event.anchor}') is not allowed; write the value out wherever it is meant"
            )
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._problems.add(place, f"a tag ({quoted(tag)}) is not allowed; every value is read as text")

    def _scalar(self, event: Any, place: Place) -> Node:
        forbidden = _FORBIDDEN.search(event.value)
        if forbidden:
            self._problems.add(place, _forbidden(forbidden[0]))
            return Refused(place=place)
        plain = not event.style
        return Scalar(place=place, text=event.value, is_null=plain and event.value in _NULLS)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> Iterator[tuple[Scalar, Node]]:
        seen: dict[str, Place] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            is_merge = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if is_merge:
                self._problems.add(key.place, "a merge key ('<<') is not allowed; write the keys out")
            elif not isinstance(key, Scalar):
                if not isinstance(key, Refused):
                    self._problems.add(key.place, "a key is no text; expected a word")
            elif key.text in seen:
                self._problems.add(
                    key.place, f"duplicate key {quoted(key.text)}; it stands in line {seen[key.text].line} already"
                )
            else:
                seen[key.text] = key.place
                yield key, value

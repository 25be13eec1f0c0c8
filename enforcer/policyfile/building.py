"""What a mapping becomes where its keys say all: the usual `Record.build`."""

from collections.abc import Callable
from typing import Any, TypeVar

from enforcer.model.rule import Origin
from enforcer.policyfile.problems import Place

T = TypeVar("T")


def plain(kind: Callable[..., T]) -> Callable[..., T]:
    """Return what makes a *kind* of the keys alone."""

    def build(_: Place, **values: Any) -> T:
        return kind(**values)

    return build


def placed(kind: Callable[..., T]) -> Callable[..., T]:
    """Return what makes a *kind* of the keys and of where they stand, its ``origin``."""

    def build(place: Place, **values: Any) -> T:
        return kind(origin=Origin(file=place.file, line=place.line, column=place.column), **values)

    return build

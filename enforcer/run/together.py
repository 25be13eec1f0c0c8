"""Several things at a time, each to its own end."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def side_by_side(coroutines: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Await all *coroutines* to their ends and return what came of each; raise what the first of them raised, if any.

    A TaskGroup would cancel the others, and their requests in flight, for the bug of one.
    """
    done: list[T] = []
    for result in await asyncio.gather(*coroutines, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
        done.append(result)
    return done

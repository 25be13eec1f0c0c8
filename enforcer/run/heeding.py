"""While a run goes on, look again and again whether it may."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from enforcer.run.site import Conduct

HEED_S: Final = 0.5


@asynccontextmanager
async def heeding(conduct: Conduct) -> AsyncIterator[None]:
    """Stop the run within HEED_S seconds of anything that `Conduct.objection` has to say, as long as the block lasts.

    A stop from elsewhere ends the looking. An error in it comes out at the end of the block.
    """
    watcher = asyncio.create_task(_heed(conduct), name="heeding")
    try:
        yield
    finally:
        if not watcher.done():
            watcher.cancel()
    await asyncio.wait([watcher])
    if not watcher.cancelled():
        watcher.result()


async def _heed(conduct: Conduct) -> None:
    while not conduct.stop.is_set:
        conduct.heed()
        await conduct.stop.sleep(HEED_S)

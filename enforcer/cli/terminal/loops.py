"""Which event loop a command runs on: uvloop's where it is installed, since it is quicker, else Python's own."""

import asyncio
import os
from collections.abc import Callable, Mapping
from typing import Final

from enforcer.errors import ConfigError

VARIABLE: Final = "ENFORCER_EVENT_LOOP"


def chosen(environ: Mapping[str, str] | None = None) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the loop; None: Python's own. Raises ConfigError if *environ* names one that is not there."""
    wanted = (os.environ if environ is None else environ).get(VARIABLE)
    if wanted not in {None, "asyncio", "uvloop"}:
        raise ConfigError(f"{VARIABLE} is {wanted!r}: expected asyncio or uvloop")
    if wanted == "asyncio":
        return None
    try:
        import uvloop
    except ImportError:
        if wanted is None:
            return None
        raise ConfigError(
            f"{VARIABLE} asks for uvloop, which is not installed", hint="Install it: pip install 'enforcer[fast]'."
        ) from None
    return uvloop.new_event_loop

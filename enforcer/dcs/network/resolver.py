"""Name look-ups that nothing has to wait for: not a request past its time-out, and not the end of the process.

asyncio looks names up in its default executor, whose threads are joined when the loop is closed: one resolver
that hangs would hold up the exit for as long as it likes.
"""

import errno
import socket
from typing import Any, Final, TypeAlias

from aiohttp.abc import AbstractResolver, ResolveResult

from enforcer.dcs.aside import aside

Address: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]

_NUMERIC: Final = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


async def look_up(host: str, port: int, family: int = socket.AF_UNSPEC) -> list[Address]:
    """Return what `socket.getaddrinfo` says of *host*; raise OSError if it says nothing."""
    try:
        return await aside(lambda: _ask(host, port, family))
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, "it is no host name") from error
    except RuntimeError as error:
        raise OSError(errno.EAGAIN, "no thread could be started to look it up") from error


def _ask(host: str, port: int, family: int) -> list[Address]:
    return [*socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)]


class DaemonResolver(AbstractResolver):
    """aiohttp's way to `look_up`. The connector asks once per name at a time, so threads are as few as names."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=str(address[0]), port=port, family=found, proto=protocol, flags=_NUMERIC)
            for found, _, protocol, _, address in await look_up(host, port, family)
        ]

    async def close(self) -> None:
        """Nothing is held open."""

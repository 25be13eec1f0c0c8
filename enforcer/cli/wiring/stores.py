"""Which store has the records: files or a server."""

from __future__ import annotations

import atexit
from functools import cache
from typing import TYPE_CHECKING

from enforcer.errors import ConfigError

if TYPE_CHECKING:
    from enforcer.cli.state import Home
    from enforcer.journal.stores import Store


def store(home: Home, *, any_file_system: bool = False) -> Store:
    if home.server is not None:
        return _server(home.server)
    from enforcer.journal.sqlite.store import SqliteStore

    return SqliteStore(home.directory, any_file_system=any_file_system)


@cache
def _server(url: str) -> Store:
    """Return the store on the server at *url*, one for the whole process; raise ConfigError without its library."""
    try:
        from enforcer.journal.postgres.store import PostgresStore
    except ImportError as missing:
        raise ConfigError(
            f"the state is on a PostgreSQL server, and the library for it cannot be used: {missing}",
            hint="Install it: pip install 'enforcer[postgres]'",
        ) from missing
    store = PostgresStore(url)
    atexit.register(store.close)
    return store

"""The stores that the records may be in: what holds for one holds for the other."""

from collections.abc import Iterator

import pytest

from enforcer.journal.postgres.store import PostgresStore
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.stores import Store


@pytest.fixture(params=["sqlite", "postgres"])
def store(request, tmp_path) -> Iterator[Store]:
    """A store that nothing was ever written to."""
    if request.param == "sqlite":
        yield SqliteStore(tmp_path / "state")
        return
    on_server = PostgresStore(request.getfixturevalue("server").url())
    yield on_server
    on_server.close()

"""The stores that the records may be in: what holds for one holds for the other."""

import pytest

from enforcer.journal.sqlite import SqliteStore
from enforcer.journal.stores import Store


@pytest.fixture(params=["sqlite"])
def store(request, tmp_path) -> Store:
    """A store that nothing was ever written to."""
    return SqliteStore(tmp_path / "state")

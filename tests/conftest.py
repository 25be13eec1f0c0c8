"""What holds for every test: time is measured by the benchmarks only, so a slow example is no failure."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import postgres

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def _postgres() -> Iterator[postgres.Server]:
    postgres.require()
    server = postgres.Server()
    yield server
    server.close()


@pytest.fixture
def server(_postgres: postgres.Server) -> postgres.Server:
    """A PostgreSQL server with nothing of enforcer's in it, one for all tests of a process."""
    _postgres.empty()
    return _postgres


def pytest_collection_modifyitems(items):
    # The workers take tests in this order, and no worker is to be left alone with a long one at the end.
    items.sort(key=lambda item: item.get_closest_marker("long") is None)

"""What the tests through the installed command share."""

import pytest

from tests.command import Command


@pytest.fixture
def enforcer(tmp_path):
    """The installed command, in an environment of its own."""
    return Command(tmp_path)

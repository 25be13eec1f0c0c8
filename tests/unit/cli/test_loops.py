"""The event loop: uvloop's if there is one, and who decides otherwise."""

import sys

import pytest
import uvloop

from enforcer.cli.terminal import loops
from enforcer.errors import ConfigError


@pytest.mark.parametrize("environ", [{}, {"ENFORCER_EVENT_LOOP": "uvloop"}])
def test_uvloop_is_used_where_it_is_installed(environ):
    assert loops.chosen(environ) is uvloop.new_event_loop


def test_pythons_own_is_used_where_that_is_asked_for():
    assert loops.chosen({"ENFORCER_EVENT_LOOP": "asyncio"}) is None


def test_pythons_own_is_used_where_uvloop_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvloop", None)

    assert loops.chosen({}) is None


def test_uvloop_that_is_asked_for_has_to_be_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvloop", None)

    with pytest.raises(ConfigError, match="not installed") as caught:
        loops.chosen({"ENFORCER_EVENT_LOOP": "uvloop"})
    assert "enforcer[fast]" in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["", "trio", "UVLOOP"])
def test_another_loop_is_refused(name):
    with pytest.raises(ConfigError, match="expected asyncio or uvloop"):
        loops.chosen({"ENFORCER_EVENT_LOOP": name})

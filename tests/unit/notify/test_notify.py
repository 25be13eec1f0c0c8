"""Messages through Apprise, to services on loopback: taken, refused, too late, unknown."""

import importlib.util
import subprocess
import sys

import pytest

from enforcer.errors import ConfigError
from enforcer.model.news import Delivery, Message
from enforcer.notify import deliver, services
from tests.inbox import inbox, silence

SECRET = "S3cretOfTheHook"


def a_message(room):
    return Message(title="nightly, ok", body=f"There is room for {room}.")


def test_a_service_gets_the_message_made_for_its_room():
    with inbox() as found:
        assert deliver(found.url, a_message) == (Delivery(service="JSON"),)

    (message,) = found.messages
    assert message["title"] == "nightly, ok"
    assert message["message"] == "There is room for 32768."


def test_each_service_is_told_of_by_itself():
    with inbox() as good, inbox(status=500, secret=SECRET) as bad:
        found = deliver(f"{good.url}, {bad.url} nosuch://{SECRET}", a_message)

    assert len(good.messages) == 1
    assert found == (
        Delivery(service="JSON (1 of 3)"),
        Delivery(service="JSON (2 of 3)", failure="did not take the message"),
        Delivery(service="the URL (3 of 3)", failure="is of no service that Apprise knows, or not complete"),
    )


def test_who_does_not_answer_is_left_behind_and_the_others_are_told():
    with inbox() as good, silence() as hanging:
        services(good.url)  # loaded, so that the second is the service's alone
        found = deliver(f"{hanging} {good.url}", a_message, within_s=1)

    assert found[0] == Delivery(service="JSON (1 of 2)", failure="has not answered within 1 s")
    assert len(good.messages) == 1


def test_the_process_does_not_wait_for_who_is_left_behind():
    with silence() as hanging:
        code = (
            "from enforcer.model.news import Message; from enforcer.notify import deliver;"
            f"(told,) = deliver('{hanging}?rto=3600&cto=3600', lambda _: Message(title='a', body='b'), within_s=5);"
            "print(told.failure)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=True)

    assert (done.stdout, done.stderr) == ("has not answered within 5 s\n", "")


def test_a_defect_of_a_plug_in_is_told_without_its_text():
    def failing(_):
        raise RuntimeError(SECRET)

    with inbox() as found:
        assert deliver(found.url, failing) == (Delivery(service="JSON", failure="failed: RuntimeError"),)


@pytest.mark.parametrize("urls", ["", "  ", ", ,"])
def test_urls_that_name_no_service(urls):
    with pytest.raises(ConfigError, match="names no service"):
        deliver(urls, a_message)


def test_services_are_named_without_a_part_of_their_urls():
    assert services(f"json://127.0.0.1:1/{SECRET} ntfy://127.0.0.1/{SECRET}") == (
        "JSON (1 of 2)",
        "ntfy (2 of 2)",
    )
    with pytest.raises(ConfigError) as refused:
        services(f"nosuch://{SECRET}")
    assert SECRET not in f"{refused.value!r} {refused.value.message} {refused.value.hint}"


def test_without_apprise_it_is_said_what_to_install(monkeypatch):
    assert importlib.util.find_spec("apprise") is not None
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(ConfigError, match="not installed") as refused:
        deliver("json://127.0.0.1:1", a_message)
    assert refused.value.hint == "pip install 'enforcer[notify]'"

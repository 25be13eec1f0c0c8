"""Messages to people through the services that Apprise knows. The only home of Apprise, which is an extra.

A service is a URL with secrets in it. Nothing of a URL leaves this module but the name of its kind: no message, no log
line, no exception. A service that hangs is left behind: what serves it are threads that the process does not wait for.
"""

import queue
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from enforcer.detached import silence, start, within
from enforcer.errors import ConfigError
from enforcer.model.news import Delivery, Message

MakeMessage: TypeAlias = Callable[[int], Message]
"""Makes the message for a room of so many characters."""
_Answer: TypeAlias = tuple[int, str | None]
"""The number of a service, and why it did not take the message, None if it did."""

_UNKNOWN: Final = "is of no service that Apprise knows, or not complete"
_HINT: Final = "It takes Apprise's URLs, divided by blanks."

WITHIN_S: Final = 10.0
_SHORTEST: Final = 100
"""Characters that a service takes at least; a title comes out of the room of one that knows no titles."""


def deliver(urls: str, message: MakeMessage, *, within_s: float = WITHIN_S) -> tuple[Delivery, ...]:
    """Send a message to each service of *urls*, which commas or blanks divide, and return what came of each.

    Returns after *within_s* seconds at the latest: who has not answered by then has failed. Raises ConfigError without
    Apprise, or if *urls* names no service.
    """
    deadline = time.monotonic() + within_s
    with silence():
        found = within(within_s, lambda: _services(urls))
        if isinstance(found, ConfigError):
            raise found
        if found is None:
            return (Delivery(service="Apprise", failure=f"was not ready within {within_s:g} s"),)
        heard = _heard([plugin for _, plugin in found], message, deadline)
    late = f"has not answered within {within_s:g} s"
    return tuple(Delivery(service=name, failure=heard.get(number, late)) for number, (name, _) in enumerate(found))


def services(urls: str) -> tuple[str, ...]:
    """Return the names of the services of *urls*, for people; raise ConfigError if one of them cannot be used."""
    with silence():
        found = _services(urls)
    if isinstance(found, ConfigError):
        raise found
    for name, plugin in found:
        if plugin is None:
            raise ConfigError(f"ENFORCER_NOTIFY_URLS: {name} {_UNKNOWN}", hint=_HINT)
    return tuple(name for name, _ in found)


def _services(urls: str) -> list[tuple[str, Any]] | ConfigError:
    """Return each service with its name, None for one that cannot be used; or what keeps all of them from it."""
    try:
        plugins = _plugins(urls)
    except ImportError:
        return ConfigError("Apprise is not installed, which sends notifications", hint="pip install 'enforcer[notify]'")
    except Exception as failed:  # noqa: BLE001 - whatever it is, it ends no run; its text may have a URL in it
        return ConfigError(f"Apprise cannot be used: {type(failed).__name__}")
    if not plugins:
        return ConfigError("ENFORCER_NOTIFY_URLS names no service", hint=_HINT)
    return list(zip(_names(plugins), plugins, strict=True))


def _plugins(urls: str) -> list[Any]:
    """Return Apprise's plug-in for each of *urls*, None for one that it does not know, or that is not complete."""
    from apprise import Apprise  # noqa: PLC0415 - an extra, and a quarter of a second
    from apprise.utils.parse import parse_urls  # noqa: PLC0415 - likewise

    return [Apprise.instantiate(url) for url in parse_urls(urls)]  # type: ignore[no-untyped-call] # Apprise's own


def _names(plugins: Sequence[Any]) -> Iterator[str]:
    for number, plugin in enumerate(plugins, start=1):
        kind = "the URL" if plugin is None else str(plugin.service_name)
        yield f"{kind} ({number} of {len(plugins)})" if len(plugins) > 1 else kind


def _heard(plugins: Sequence[Any], message: MakeMessage, deadline: float) -> dict[int, str | None]:
    """Send the message through *plugins*, and return the answers that came before *deadline*, by their numbers."""
    answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
    heard: dict[int, str | None] = {}
    for number, plugin in enumerate(plugins):
        if plugin is None:
            heard[number] = _UNKNOWN
        else:
            start(partial(_answer, answers, number, plugin, message))
    while len(heard) < len(plugins):
        try:
            number, failure = answers.get(timeout=max(deadline - time.monotonic(), 0))
        except queue.Empty:
            break
        heard[number] = failure
    return heard


def _answer(answers: "queue.SimpleQueue[_Answer]", number: int, plugin: Any, message: MakeMessage) -> None:
    answers.put((number, _sent(plugin, message)))


def _sent(plugin: Any, message: MakeMessage) -> str | None:
    """Send, and return why that failed, None if it did not."""
    try:
        room = int(plugin.body_maxlen)
        made = message(max(room, _SHORTEST))
        if plugin.title_maxlen <= 0:
            made = message(max(room - len(made.title) - 10, _SHORTEST))
        taken = plugin.notify(title=made.title, body=made.body, body_format="markdown")
    except Exception as failed:  # noqa: BLE001 - a plug-in's defect is no defect of the run; its text may have the URL
        return f"failed: {type(failed).__name__}"
    return None if taken else "did not take the message"

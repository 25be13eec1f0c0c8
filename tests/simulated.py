"""The simulator for tests: the real application on a real loopback port, in a thread of its own.

    with simulator(tasks=60, drift=0.2, limit="20/s", latency="50ms") as cloud:
        ...  # cloud.endpoint, cloud.env, cloud.puts(), cloud.tasks(), cloud.edit(task_id, status="SUCCESS")

A thread, so that the loop of the test and that of the server cannot wait for each other.
"""

import asyncio
import contextlib
import dataclasses
import http.client
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

import msgspec

from enforcer.simulator import quantities
from enforcer.simulator.details import PASSWORD_MARK
from enforcer.simulator.serve import Stand, listening
from enforcer.simulator.settings import Settings

T = TypeVar("T")
_READERS: dict[str, Callable[[str], object]] = {
    "limit": quantities.rate,
    "latency": quantities.duration,
    "full_sync_for": quantities.duration,
    "token_for": quantities.duration,
    "drift": quantities.share,
    "fail": quantities.share,
    "jitter": quantities.share,
    "ack_without_apply": quantities.share,
    "full_sync_share": quantities.share,
    "missing_mode": quantities.share,
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Simulated:
    """A running simulator: where it is, who may come in, and what it remembers."""

    stand: Stand

    @property
    def endpoint(self) -> str:
        return self.stand.endpoint

    @property
    def iam_endpoint(self) -> str:
        return self.stand.endpoint

    @property
    def region(self) -> str:
        return self.stand.account.region

    @property
    def project_id(self) -> str:
        return self.stand.account.project_id

    @property
    def other_project_id(self) -> str:
        """A project of the same account without migration tasks."""
        return self.stand.account.other_project_id

    @property
    def ak(self) -> str:
        return self.stand.account.ak

    @property
    def sk(self) -> str:
        return self.stand.account.sk

    @property
    def security_token(self) -> str | None:
        return self.stand.account.security_token

    @property
    def user(self) -> str:
        return self.stand.account.user

    @property
    def password(self) -> str:
        return self.stand.account.password

    @property
    def domain(self) -> str:
        return self.stand.account.domain

    @property
    def env(self) -> dict[str, str]:
        """Return the environment variables that point the tool here with keys."""
        env = self.env_of_place | {
            "HUAWEICLOUD_SDK_AK": self.ak,
            "HUAWEICLOUD_SDK_SK": self.sk,
            "HUAWEICLOUD_SDK_PROJECT_ID": self.project_id,
        }
        return env if self.security_token is None else env | {"HUAWEICLOUD_SDK_SECURITY_TOKEN": self.security_token}

    @property
    def env_of_password(self) -> dict[str, str]:
        """Return the environment variables that point the tool here with a user's password."""
        return self.env_of_place | {
            "HW_USER_NAME": self.user,
            "HW_USER_PASSWORD": self.password,
            "HW_DOMAIN_NAME": self.domain,
        }

    @property
    def env_of_place(self) -> dict[str, str]:
        return {
            "HW_REGION_NAME": self.region,
            "ENFORCER_ENDPOINT": self.endpoint,
            "ENFORCER_IAM_ENDPOINT": self.iam_endpoint,
        }

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what must not stand in anything that the tool writes."""
        return (self.sk, self.password, PASSWORD_MARK, "MIISim", *filter(None, [self.security_token]))

    def requests(self) -> list[dict[str, Any]]:
        """Return what was sent, in order of arrival: at, method, path, query, body, status, request_id."""
        return self._ask("GET", "requests", list[dict[str, Any]])

    def puts(self) -> list[dict[str, Any]]:
        return [request for request in self.requests() if request["method"] == "PUT"]

    def tasks(self) -> list[dict[str, Any]]:
        """Return the tasks as they are, in the order of the list."""
        return self._ask("GET", "tasks", list[dict[str, Any]])

    def task(self, task_id: str) -> dict[str, Any]:
        (found,) = (task for task in self.tasks() if task.get("task_id") == task_id)
        return found

    def edit(self, task_id: str, **fields: Any) -> None:
        """Set fields of a task, as a person would at the console."""
        self._ask("POST", f"tasks/{task_id}", dict[str, Any], fields)

    @property
    def peak_in_flight(self) -> int:
        return self._ask("GET", "load", dict[str, int])["peak_in_flight"]

    def _ask(self, method: str, what: str, kind: type[T], body: object = None) -> T:
        connection = http.client.HTTPConnection("127.0.0.1", self.stand.port, timeout=60)
        with contextlib.closing(connection):
            sent = None if body is None else msgspec.json.encode(body)
            connection.request(method, f"/_simulator/{what}", sent, {"Connection": "close"})
            answer = connection.getresponse()
            text = answer.read()
        assert answer.status == 200, f"{method} {what}: {answer.status} {text!r}"
        return msgspec.json.decode(text, type=kind)


@contextlib.contextmanager
def simulator(**flags: Any) -> Iterator[Simulated]:
    """Run a simulator; *flags* are the fields of Settings, quantities also as text ("20/s", "50ms", "5%")."""
    read: dict[str, Any] = {
        name: _READERS[name](flag) if isinstance(flag, str) else flag for name, flag in flags.items()
    }
    settings = Settings(**read)
    started: Future[tuple[Stand, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=_run, args=(settings, started), name="simulator", daemon=True)
    thread.start()
    stand, loop, stop = started.result(timeout=60)
    try:
        yield Simulated(stand=stand)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=60)
        assert not thread.is_alive(), "the simulator did not stop"


def _run(settings: Settings, started: Future) -> None:
    async def serve() -> None:
        stop = asyncio.Event()
        async with listening(settings) as stand:
            started.set_result((stand, asyncio.get_running_loop(), stop))
            await stop.wait()

    try:
        asyncio.run(serve())
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)

"""The task API of one target, over HTTP: each call is one request, and what came of it is a value.

Nothing here retries, waits or decides; `connect` finds out what a call needs before the first one.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from enforcer import __version__
from enforcer.dcs import wire
from enforcer.dcs.auth import Auth, with_key, with_token
from enforcer.dcs.call import Answer, Request
from enforcer.dcs.endpoints import iam_endpoint_for
from enforcer.dcs.failures import request_id
from enforcer.dcs.iam import project_of, token_for
from enforcer.dcs.identity import AccessKey, Credentials, Password, Token
from enforcer.dcs.transport import Timeouts, Transport, open_session
from enforcer.errors import ConfigError
from enforcer.model.answer import Failure, FailureKind, Page, Reply
from enforcer.model.task import ResumeMode, Task

T = TypeVar("T")

USER_AGENT = f"enforcer/{__version__}"


class Client:
    """`ports.TaskApi` for one project; safe for many calls at a time."""

    def __init__(
        self, *, target_name: str, project_id: str, transport: Transport, auth: Auth, secrets: tuple[str, ...]
    ) -> None:
        self.project_id = project_id
        self._target = target_name
        self._transport = transport
        self._auth = auth
        self._secrets = secrets

    async def list_page(self, *, offset: int, limit: int) -> Reply[Page] | Failure:
        """Return the rows from *offset* (0-based) on, at most *limit* (1 to 1000)."""
        request = wire.list_request(self.project_id, offset=offset, limit=limit)
        return await self._ask(request, lambda answer: wire.read_page(answer, target=self._target, offset=offset))

    async def show(self, task_id: str) -> Reply[Task] | Failure:
        """Return one task with its details, less everything secret."""
        if not wire.is_safe_id(task_id):
            return _unsafe()
        request = wire.show_request(self.project_id, task_id)
        return await self._ask(request, lambda answer: wire.read_details(answer, target=self._target, task_id=task_id))

    async def set_mode(self, task_id: str, mode: ResumeMode) -> Reply[None] | Failure:
        """Ask the API to set *mode*. A Reply means taken, not yet visible."""
        if not wire.is_safe_id(task_id):
            return _unsafe()
        request = wire.update_request(self.project_id, task_id, mode)
        return await self._ask(request, lambda answer: wire.read_taken(answer, task_id=task_id))

    async def _ask(self, request: Request, read: Callable[[Answer], T | Failure]) -> Reply[T] | Failure:
        started = time.perf_counter()
        answer = await self._transport.send(request, self._auth(request), self._secrets)
        duration_s = time.perf_counter() - started
        if isinstance(answer, Failure):
            return replace(answer, duration_s=duration_s)
        value = read(answer)
        if isinstance(value, Failure):
            return replace(value, duration_s=duration_s)
        return Reply(value=value, http_status=answer.status, request_id=request_id(answer), duration_s=duration_s)


@asynccontextmanager
async def connect(
    *,
    target_name: str,
    endpoint: str,
    iam_endpoint: str | None,
    region: str | None,
    project_id: str | None,
    credentials: Credentials,
    concurrency: int,
    ca_file: str | None,
    proxy: str | None,
    timeouts: Timeouts | None = None,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[Client]:
    """
    Yield the client of one target, good for *concurrency* calls at a time.

    *endpoint* and *iam_endpoint* have passed `core.endpoint.check_endpoint`; without the latter the
    region's is used. *proxy* is a URL; no environment variable is read for it. *clock* gives the Unix
    time for signatures. IAM is asked for a token if *credentials* are a password, and for the project
    if *project_id* is None; otherwise no request is made here.

    Raises ConfigError, DeniedError, UnavailableError or ProtocolError if it cannot be made ready.
    """
    if project_id is not None and not wire.is_safe_id(project_id):
        raise ConfigError(f"target {target_name}: {project_id[:40]!r} is no project id")
    async with open_session(concurrency=concurrency, user_agent=USER_AGENT) as session:

        def to(url: str) -> Transport:
            return Transport(session, url, ca_file=ca_file, proxy=proxy, timeouts=timeouts or Timeouts())

        if project_id is None or isinstance(credentials, Password):
            iam = to(_iam_url(target_name, iam_endpoint, region, project_id))
            credentials, project_id = await _introduced(iam, credentials, project_id, region, clock)
        transport = to(endpoint)
        yield Client(
            target_name=target_name,
            project_id=project_id,
            transport=transport,
            auth=_auth(credentials, transport.host, project_id, clock),
            secrets=credentials.secrets,
        )


def _iam_url(target_name: str, iam_endpoint: str | None, region: str | None, project_id: str | None) -> str:
    if project_id is None and region is None:
        raise ConfigError(
            f"target {target_name}: there is neither a project id nor a region to look it up by",
            hint="Give --project-id or --region.",
        )
    if iam_endpoint is None and region is None:
        raise ConfigError(
            f"target {target_name}: a password needs IAM, and there is neither its endpoint nor a region",
            hint="Give --iam-endpoint or --region.",
        )
    return iam_endpoint or iam_endpoint_for(region or "")


async def _introduced(
    iam: Transport,
    credentials: Credentials,
    project_id: str | None,
    region: str | None,
    clock: Callable[[], float],
) -> tuple[AccessKey | Token, str]:
    """Return credentials that need IAM no more, and the project's id."""
    if isinstance(credentials, Password):
        token, project = await token_for(iam, credentials, project_id=project_id, region=region)
        return Token(source=credentials.source, origin=credentials.origin, token=token), project
    if project_id is not None:
        return credentials, project_id
    auth = _auth(credentials, iam.host, None, clock)
    return credentials, await project_of(iam, auth, credentials.secrets, region=region or "")


def _auth(credentials: AccessKey | Token, host: str, project_id: str | None, clock: Callable[[], float]) -> Auth:
    if isinstance(credentials, AccessKey):
        return with_key(credentials, host=host, project_id=project_id, clock=clock)
    return with_token(credentials.token, project_id=project_id)


def _unsafe() -> Failure:
    return Failure(
        kind=FailureKind.REJECTED,
        message="nothing was sent: the task id has characters or a length that no request may carry",
    )

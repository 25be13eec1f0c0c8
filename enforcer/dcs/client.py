"""The task API of one target, over HTTP: each call is one request, and what came of it is a value.

Nothing here retries, waits or decides; `connect` finds out what a call needs before the first one.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from enforcer import __version__
from enforcer.dcs.access.identity import Password, Token
from enforcer.dcs.access.renewal import Desk, Identity
from enforcer.dcs.api import wire
from enforcer.dcs.api.endpoints import iam_endpoint_for
from enforcer.dcs.channel import Channel
from enforcer.dcs.iam import project_of, token_for
from enforcer.dcs.network.exchange import open_pool
from enforcer.dcs.network.transport import Timeouts, Transport
from enforcer.errors import ConfigError, DeniedError
from enforcer.model.answer import Failure, FailureKind, Page, Reply
from enforcer.model.task import ResumeMode, Task

USER_AGENT = f"enforcer/{__version__}"
_UNSAFE = Failure(
    kind=FailureKind.REJECTED,
    message="nothing was sent: the task id has characters or a length that no request may carry",
)


class Client:
    """`ports.TaskApi` for one project; safe for many calls at a time."""

    def __init__(self, *, target_name: str, project_id: str, channel: Channel) -> None:
        self.project_id = project_id
        self._target = target_name
        self._channel = channel

    @property
    def skew_s(self) -> float | None:
        """How far this machine's clock was ahead of the server's when it was last measured; None: not yet."""
        return self._channel.skew_s

    @property
    def expires_at(self) -> float | None:
        """When the credentials that were accepted last expire, Unix time; None: no end of them is known."""
        return self._channel.expires_at

    def hush(self) -> None:
        """Let no further request leave: calls that have sent nothing yet, and later ones, come back as WITHDRAWN."""
        self._channel.hush()

    async def list_page(self, *, offset: int, limit: int) -> Reply[Page] | Failure:
        """Return the rows from *offset* (0-based) on, at most *limit* (1 to 1000)."""
        request = wire.list_request(self.project_id, offset=offset, limit=limit)
        return await self._channel.ask(
            request, lambda answer: wire.read_page(answer, target=self._target, offset=offset)
        )

    async def list_modes(self, *, offset: int, limit: int) -> Reply[Page] | Failure:
        """Do as `list_page`, and return of each task nothing but its id, its mode and its defect."""
        request = wire.list_request(self.project_id, offset=offset, limit=limit)
        return await self._channel.ask(
            request, lambda answer: wire.read_modes(answer, target=self._target, offset=offset)
        )

    async def show(self, task_id: str) -> Reply[Task] | Failure:
        """Return one task with its details, less everything secret."""
        try:
            request = wire.show_request(self.project_id, task_id)
        except wire.UnsafeIdError:
            return _UNSAFE
        return await self._channel.ask(
            request, lambda answer: wire.read_details(answer, target=self._target, task_id=task_id)
        )

    async def set_mode(self, task_id: str, mode: ResumeMode) -> Reply[None] | Failure:
        """Ask the API to set *mode*. A Reply means taken, not yet visible."""
        try:
            request = wire.update_request(self.project_id, task_id, mode)
        except wire.UnsafeIdError:
            return _UNSAFE
        return await self._channel.ask(request, lambda answer: wire.read_taken(answer, task_id=task_id))


@asynccontextmanager
async def connect(
    *,
    target_name: str,
    endpoint: str,
    iam_endpoint: str | None,
    region: str | None,
    project_id: str | None,
    identity: Identity,
    ca_file: str | None,
    proxy: str | None,
    timeouts: Timeouts | None = None,
) -> AsyncIterator[Client]:
    """
    Yield the client of one target, with as many connections as there are calls at a time.

    *endpoint* and *iam_endpoint* have passed `core.text.endpoint.check_endpoint`; without the latter the
    region's is used. *proxy* is a URL; no environment variable is read for it. *identity* is shared by all
    targets of a run. IAM is asked for a token if it is a password, and for the project if *project_id* is
    None; otherwise no request is made here.

    Raises ConfigError, DeniedError, UnavailableError or ProtocolError if it cannot be made ready.
    """
    if project_id is not None and not wire.is_safe_id(project_id):
        raise ConfigError(f"target {target_name}: {project_id[:40]!r} is no project id")
    async with open_pool() as pool:

        def to(url: str) -> Transport:
            return Transport(
                pool,
                url,
                user_agent=USER_AGENT,
                ca_file=ca_file,
                proxy=proxy,
                timeouts=timeouts or Timeouts(),
                clock=identity.clock,
            )

        credentials = identity.credentials
        if isinstance(credentials, Password):
            iam = to(_iam_url(target_name, iam_endpoint, region, project_id))
            desk = partial(token_for, transport=iam, project_id=project_id, region=region, clock=identity.clock)
            token, project_id = await _first_token(identity, credentials, desk)
            desk = partial(desk, project_id=project_id)
            channel = Channel(to(endpoint), identity, project_id=project_id, desk=desk, token=token)
        else:
            if project_id is None:
                iam = to(_iam_url(target_name, iam_endpoint, region, project_id))
                project_id = await project_of(Channel(iam, identity, project_id=None), region=region or "")
            channel = Channel(to(endpoint), identity, project_id=project_id)
        yield Client(target_name=target_name, project_id=project_id, channel=channel)


async def _first_token(identity: Identity, password: Password, desk: Desk) -> tuple[Token, str]:
    if identity.closed is not None:
        raise DeniedError(identity.closed.message, hint=identity.closed.hint)
    try:
        return await desk(password)
    except DeniedError as error:
        # The other targets have the same password, and a few more refusals would lock the user.
        identity.close(Failure(kind=FailureKind.DENIED, message=error.message, hint=error.hint))
        raise


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

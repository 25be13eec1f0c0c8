"""The two things asked of IAM before the work starts: a token for a password, and a region's project.

One request each; what goes wrong is raised, since nothing can start without it.
"""

from collections.abc import Callable
from typing import Any, NoReturn

import msgspec

from enforcer.dcs.access.auth import anonymous
from enforcer.dcs.access.expiry import token_renewal, unix_time
from enforcer.dcs.access.identity import Password, Secret, Token
from enforcer.dcs.api.bodies import NotJsonError, error_of, parsed
from enforcer.dcs.api.call import PROJECTS, TOKEN, Answer, Request, canonical_query
from enforcer.dcs.api.failures import classify
from enforcer.dcs.api.wire import is_safe_id
from enforcer.dcs.channel import Channel
from enforcer.dcs.network.transport import Transport
from enforcer.errors import ConfigError, DeniedError, ProtocolError, UnavailableError
from enforcer.model.answer import Failure, FailureKind

_ERRORS = {
    FailureKind.NOT_SENT: UnavailableError,
    FailureKind.TRANSIENT: UnavailableError,
    FailureKind.THROTTLED: UnavailableError,
    FailureKind.LOST: UnavailableError,
    FailureKind.REJECTED: DeniedError,
    FailureKind.DENIED: DeniedError,
    FailureKind.GONE: ProtocolError,
    FailureKind.PROTOCOL: ProtocolError,
    FailureKind.CONFIG: ConfigError,
}


async def token_for(
    password: Password,
    *,
    transport: Transport,
    project_id: str | None,
    region: str | None,
    clock: Callable[[], float],
) -> tuple[Token, str]:
    """
    Return a token of the project and the project's id.

    *project_id* says which project, or *region*, whose own project has its name. *clock* gives the Unix
    time, from which the token's lifetime is counted. Raises ConfigError if IAM gives a token of another
    project.
    """
    request = Request(
        call=TOKEN, path="/v3/auth/tokens", query="nocatalog=true", body=_token_body(password, project_id, region)
    )
    answer = await transport.send(request, anonymous(request), password.secrets)
    if isinstance(answer, Failure):
        _give_up(answer)
    root = _document(answer) if answer.status == 201 else None
    if root is None:
        _give_up(classify(TOKEN, answer))
    token = answer.headers.get("X-Subject-Token", "")
    if not token.isascii() or not token.isprintable() or not token:
        raise ProtocolError("IAM answered the request for a token without one")
    project = _at(root, "token", "project", "id")
    if not isinstance(project, str) or not is_safe_id(project):
        raise ProtocolError("IAM gave a token that belongs to no project")
    if project_id is not None and project != project_id:
        raise ConfigError(
            f"project mismatch: asked for a token of project {project_id}, IAM gave one of {project}",
            hint="Check the project id and the IAM endpoint.",
        )
    issued, expires = (unix_time(_at(root, "token", name)) for name in ("issued_at", "expires_at"))
    return Token(
        source=password.source,
        origin=password.origin,
        token=Secret(token),
        expires_at=expires,
        renew_at=token_renewal(issued=issued, expires=expires, now=clock()),
    ), project


async def project_of(channel: Channel, *, region: str) -> str:
    """Return the id of *region*'s project; raise ConfigError if the account has none or several."""
    request = Request(call=PROJECTS, path="/v3/projects", query=canonical_query((("name", region),)))
    reply = await channel.ask(request, _projects)
    while isinstance(reply, Failure) and reply.kind is FailureKind.RENEWED:
        # Ends: what was renewed is either accepted, or refused and given up.
        reply = await channel.ask(request, _projects)
    if isinstance(reply, Failure):
        _give_up(reply)
    rows = reply.value
    ids = [_at(row, "id") for row in rows if _at(row, "name") == region]
    if len(ids) != 1:
        raise ConfigError(
            f"IAM knows {len(ids) or 'no'} projects named {region}, where one was needed",
            hint="Name the project with --project-id.",
        )
    if not isinstance(ids[0], str) or not is_safe_id(ids[0]):
        raise ProtocolError(f"IAM gave no usable id for the project named {region}")
    return ids[0]


def _token_body(password: Password, project_id: str | None, region: str | None) -> bytes:
    user = {"name": password.user, "password": password.password.reveal(), "domain": {"name": password.domain}}
    project = {"id": project_id} if project_id else {"name": region}
    identity = {"methods": ["password"], "password": {"user": user}}
    return msgspec.json.encode({"auth": {"identity": identity, "scope": {"project": project}}})


def _projects(answer: Answer) -> list[Any] | Failure:
    rows = _at(_document(answer), "projects") if answer.status == 200 else None
    return rows if isinstance(rows, list) else classify(PROJECTS, answer)


def _document(answer: Answer) -> Any:
    """Return the JSON of *answer*, None if it is none or reports an error."""
    try:
        root = parsed(answer.body)
    except NotJsonError:
        return None
    return None if error_of(root) else root


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _give_up(failure: Failure) -> NoReturn:
    raise _ERRORS[failure.kind](failure.message, hint=failure.hint)

"""IAM: passwords to tokens (``/v3/auth/tokens``), names to projects (``/v3/projects``)."""

from datetime import datetime

import msgspec
from aiohttp import web

from enforcer.simulator.access import Access
from enforcer.simulator.account import Account
from enforcer.simulator.answers import answer
from enforcer.simulator.refusals import IamError
from enforcer.simulator.tokens import Token, Tokens


class _Project(msgspec.Struct):
    id: str | None = None
    name: str | None = None


class _Domain(msgspec.Struct):
    name: str


class _User(msgspec.Struct):
    name: str
    password: str
    domain: _Domain


class _Password(msgspec.Struct):
    user: _User


class _Identity(msgspec.Struct):
    methods: list[str]
    password: _Password


class _Scope(msgspec.Struct):
    project: _Project | None = None


class _Auth(msgspec.Struct):
    identity: _Identity
    scope: _Scope | None = None


class _Body(msgspec.Struct):
    auth: _Auth


class Iam:
    """The two calls a DCS client needs of it."""

    def __init__(self, account: Account, access: Access, tokens: Tokens) -> None:
        self._account = account
        self._access = access
        self._tokens = tokens

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v3/auth/tokens", self.create_token),
            web.get("/v3/projects", self.list_projects, allow_head=False),
        ]

    async def create_token(self, request: web.Request) -> web.Response:
        """A name and a password become a token; the project asked for decides what it opens."""
        try:
            auth = msgspec.json.decode(await request.read(), type=_Body).auth
        except msgspec.DecodeError as error:  # a ValidationError is one too
            raise IamError(400, f"The request body is invalid: {error}") from None
        self._check_password(auth.identity)
        token = self._tokens.issue(self._project_id(auth.scope))
        return answer({"token": self._described(token)}, status=201, headers={"X-Subject-Token": token.text})

    async def list_projects(self, request: web.Request) -> web.Response:
        await self._access.caller(request)
        asked = request.query.get("name")
        return answer(
            {
                "links": {"self": str(request.url), "previous": None, "next": None},
                "projects": [
                    self._project(project_id, name)
                    for project_id, name in self._account.projects.items()
                    if asked in {None, name}
                ],
            }
        )

    def _check_password(self, identity: _Identity) -> None:
        user = identity.password.user
        given = (user.name, user.password, user.domain.name)
        account = self._account
        if "password" not in identity.methods or given != (account.user, account.password, account.domain):
            raise IamError(401, "The username or password is wrong.")

    def _project_id(self, scope: _Scope | None) -> str | None:
        if scope is None or scope.project is None:
            return None
        for project_id, name in self._account.projects.items():
            if scope.project.id == project_id or (scope.project.id is None and scope.project.name == name):
                return project_id
        raise IamError(401, f"Could not find project: {scope.project.id or scope.project.name}.")

    def _described(self, token: Token) -> dict[str, object]:
        account = self._account
        domain = {"id": account.domain_id, "name": account.domain}
        described: dict[str, object] = {
            "methods": ["password"],
            "issued_at": _stamp(token.issued_at),
            "expires_at": _stamp(token.expires_at),
            "user": {"id": account.domain_id[::-1], "name": account.user, "domain": domain},
            "roles": [],
            "catalog": [],
        }
        if token.project_id is not None:
            name = account.projects[token.project_id]
            described["project"] = {"id": token.project_id, "name": name, "domain": domain}
        return described

    def _project(self, project_id: str, name: str) -> dict[str, object]:
        return {
            "id": project_id,
            "name": name,
            "domain_id": self._account.domain_id,
            "parent_id": self._account.domain_id,
            "enabled": True,
            "is_domain": False,
            "description": "",
            "links": {},
        }


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

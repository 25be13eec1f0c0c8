"""The three migration-task calls of DCS v2, with the documented checks, codes and texts."""

import re
import time
from collections import Counter
from typing import Any

import msgspec
from aiohttp import web

from enforcer.simulator import details
from enforcer.simulator.access import Access
from enforcer.simulator.account import Account
from enforcer.simulator.answers import answer
from enforcer.simulator.chance import chance
from enforcer.simulator.fleet import Fleet
from enforcer.simulator.inventory import Row
from enforcer.simulator.refusals import DcsError, GatewayError, RefusalError
from enforcer.simulator.settings import Settings

_PROJECT_ID = re.compile(r"[0-9a-f]{32}")
_TASK_ID = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OUTAGES: tuple[RefusalError, ...] = (
    DcsError(500, "DCS.5000", "Internal service error."),
    GatewayError(502, "APIGW.0201", "Backend unavailable."),
    GatewayError(503, "APIGW.0613", "IAM is unavailable."),
)


class Dcs:
    """What the service does with a request that the gateway let through."""

    def __init__(self, account: Account, access: Access, fleet: Fleet, settings: Settings) -> None:
        self._account = account
        self._access = access
        self._fleet = fleet
        self._settings = settings
        self._puts: Counter[str] = Counter()

    def routes(self) -> list[web.RouteDef]:
        # Patterns of our own, because the default one takes no braces, and a client may send "{project_id}".
        project = "/v2/{project_id:[^/]+}"
        one = f"{project}/migration-task/{{task_id:[^/]+}}"
        return [
            web.get(f"{project}/migration-tasks", self.list_tasks, allow_head=False),
            web.get(one, self.show_task, allow_head=False),
            web.put(one, self.update_task),
        ]

    async def list_tasks(self, request: web.Request) -> web.Response:
        """ListMigrationTask. Whether ``name`` is a part or the whole is undocumented; here it is a part."""
        await self._admit(request)
        offset = _whole_number(request, "offset", default=0, low=0, high=2**31 - 1)
        limit = _whole_number(request, "limit", default=10, low=1, high=1000)
        name = request.query.get("name", "")
        rows = self._fleet.rows(time.monotonic())
        if name:
            rows = [row for row in rows if name in str(row.get("task_name", ""))]
        page = rows[offset : offset + min(limit, self._settings.max_page)]
        return answer({"count": len(rows), "migration_tasks": [self._listed(row) for row in page]})

    async def show_task(self, request: web.Request) -> web.Response:
        """ShowMigrationTask, passwords included."""
        await self._admit(request)
        return answer(details.of(self._found(_task_id(request))))

    async def update_task(self, request: web.Request) -> web.Response:
        """UpdateMigrationTask: 200 without a body, as its page documents none."""
        await self._admit(request)
        task_id = _task_id(request)
        mode = _mode(await request.read())
        self._puts[task_id] += 1
        self._spoil(task_id)
        row = self._found(task_id)
        if not self._happens(self._settings.ack_without_apply, "ack without apply", task_id):
            self._fleet.set_mode(row, mode, time.monotonic())
        return web.Response(content_type="application/json")

    async def _admit(self, request: web.Request) -> None:
        """Raise unless the caller may see the project in the path."""
        caller = await self._access.caller(request)
        asked = request.match_info["project_id"]
        if not _PROJECT_ID.fullmatch(asked):
            raise DcsError(400, "DCS.4002", "Invalid project ID format.")
        if caller.by_token and caller.project_id != asked:
            raise DcsError(401, "DCS.1004", "The project ID of the token does not match that in the URL.")
        if asked != self._account.project_id:
            raise GatewayError(403, "APIGW.0310", "The project is unavailable.")

    def _listed(self, row: Row) -> Row:
        left_out = chance(self._settings.seed, "missing mode", row.get("task_id"))
        if left_out < self._settings.missing_mode and "resume_mode" in row:
            return {field: value for field, value in row.items() if field != "resume_mode"}
        return row

    def _found(self, task_id: str) -> Row:
        row = self._fleet.find(task_id, time.monotonic())
        if row is None:
            raise DcsError(400, "DCS.4133", "Instance job is not found.")
        return row

    def _spoil(self, task_id: str) -> None:
        """Let the accidents happen that the settings ask for; nothing is stored in any of them."""
        settings = self._settings
        if self._happens(settings.fail, "fail", task_id):
            number = chance(settings.seed, "outage", task_id, self._puts[task_id])
            raise _OUTAGES[int(number * len(_OUTAGES))]
        if len(self._puts) <= settings.vanish and self._fleet.find(task_id, time.monotonic()) is not None:
            self._fleet.remove(task_id)

    def _happens(self, share: float, what: str, task_id: str) -> bool:
        """Return whether *what* happens in this PUT: the same for a seed, in any order of tasks."""
        return chance(self._settings.seed, what, task_id, self._puts[task_id]) < share


def _task_id(request: web.Request) -> str:
    task_id = request.match_info["task_id"]
    if not _TASK_ID.fullmatch(task_id):
        raise DcsError(400, "DCS.4070", "Invalid task ID format.")
    return task_id


def _whole_number(request: web.Request, name: str, *, default: int, low: int, high: int) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) or not low <= int(text) <= high:
        raise DcsError(400, "111400063", f"Invalid {name} parameter in the request.")
    return int(text)


def _mode(body: bytes) -> str:
    """Return the mode that *body* asks for; an object without one means auto, as documented."""
    if not body:
        raise DcsError(400, "DCS.4004", "The request body is empty.")
    try:
        fields: Any = msgspec.json.decode(body)
    except msgspec.DecodeError:
        fields = None
    if not isinstance(fields, dict):
        raise DcsError(400, "DCS.4005", "The request body contains illegal characters or is not JSON.")
    mode = fields.get("resume_mode", "auto")
    if mode not in ("auto", "manual"):  # a tuple, because a mode of any type has to be compared
        raise DcsError(400, "DCS.4063", "Invalid resume_mode parameter in the request.")
    return str(mode)

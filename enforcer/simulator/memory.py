"""What tests and people ask the simulator about itself, under ``/_simulator``; needs no credentials."""

import time

import msgspec
from aiohttp import web

from enforcer.simulator.answers import answer
from enforcer.simulator.fleet import Fleet
from enforcer.simulator.ledger import Ledger

PREFIX = "/_simulator/"


class Memory:
    """Reading leaves no trace in the ledger."""

    def __init__(self, fleet: Fleet, ledger: Ledger) -> None:
        self._fleet = fleet
        self._ledger = ledger

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{PREFIX}requests", self.requests),
            web.get(f"{PREFIX}tasks", self.tasks),
            web.get(f"{PREFIX}load", self.load),
            web.post(f"{PREFIX}tasks/{{task_id:[^/]+}}", self.edit),
        ]

    async def requests(self, _: web.Request) -> web.Response:
        return answer(self._ledger.received)

    async def tasks(self, _: web.Request) -> web.Response:
        return answer(self._fleet.rows(time.monotonic()))

    async def load(self, _: web.Request) -> web.Response:
        """How many requests are and were on their way at once."""
        ledger = self._ledger
        return answer({"in_flight": ledger.in_flight, "peak_in_flight": ledger.peak_in_flight})

    async def edit(self, request: web.Request) -> web.Response:
        """Set the fields of the body's object in one task, as a person at the console would."""
        try:
            fields = msgspec.json.decode(await request.read(), type=dict[str, object])
        except msgspec.DecodeError as error:
            return answer({"error": str(error)}, status=400)
        if "task_id" in fields:
            return answer({"error": "a task keeps its id"}, status=400)
        row = self._fleet.edit(request.match_info["task_id"], fields)
        if row is None:
            return answer({"error": "no such task"}, status=404)
        return answer(row)

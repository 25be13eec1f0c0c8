"""The application put together: the gateway around DCS and IAM, and the simulator's own memory."""

from aiohttp import web

from enforcer.simulator import gateway, hostile, inventory, memory
from enforcer.simulator.access import Access
from enforcer.simulator.account import Account
from enforcer.simulator.dcs import Dcs
from enforcer.simulator.fleet import Fleet
from enforcer.simulator.iam import Iam
from enforcer.simulator.ledger import Ledger
from enforcer.simulator.refusals import GatewayError
from enforcer.simulator.settings import Settings
from enforcer.simulator.tokens import Tokens


def fleet(settings: Settings) -> Fleet:
    """Return the tasks that *settings* describe."""
    rows = inventory.rows(tasks=settings.tasks, drift=settings.drift, seed=settings.seed)
    if settings.hostile:
        pattern = inventory.rows(tasks=1, drift=0, seed=settings.seed + 1)[0]
        rows += hostile.rows(pattern)
    return Fleet(
        rows,
        seed=settings.seed,
        full_sync_share=settings.full_sync_share,
        full_sync_for=settings.full_sync_for,
    )


def build(*, account: Account, fleet: Fleet, settings: Settings) -> web.Application:
    """Return the application; the paths of DCS, IAM and the memory do not clash, so one port serves all."""
    ledger = Ledger()
    tokens = Tokens(lifetime=settings.token_for)
    access = Access(account, tokens, deny_after=settings.deny_after)
    app = web.Application(client_max_size=gateway.MAX_BODY, middlewares=[gateway.around(ledger, settings)])
    app.add_routes(memory.Memory(fleet, ledger).routes())
    app.add_routes(Iam(account, access, tokens).routes())
    app.add_routes(Dcs(account, access, fleet, settings).routes())
    app.router.add_route("*", "/{path:.*}", _unknown)
    return app


async def _unknown(_: web.Request) -> web.Response:
    raise GatewayError(404, "APIGW.0101", "The API does not exist or has not been published in the environment")

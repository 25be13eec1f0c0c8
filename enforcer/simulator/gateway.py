"""What happens to a request before DCS or IAM sees it, and to every answer after.

A request is written down, counted against the rate limit, held back for the latency, and then answered; an
error becomes the body that its speaker gives it. What is asked of whom is none of the gateway's business.
"""

import asyncio
import time
import uuid

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from enforcer.simulator import memory
from enforcer.simulator.answers import answer
from enforcer.simulator.chance import chance
from enforcer.simulator.ledger import Ledger, Received
from enforcer.simulator.limits import SlidingWindow
from enforcer.simulator.quantities import Rate
from enforcer.simulator.refusals import GatewayError, RefusalError
from enforcer.simulator.settings import Settings

MAX_BODY = 12 * 1024 * 1024


def around(ledger: Ledger, settings: Settings) -> Middleware:
    """Return the middleware that every request passes, but for those to the simulator's own memory."""
    window = None if settings.limit is None else SlidingWindow(settings.limit)

    @web.middleware
    async def gateway(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(memory.PREFIX):
            return await handler(request)
        received = _received(request)
        ledger.arrive(received)
        refusal = None
        if window is not None and not window.admits(received.at):
            refusal = _throttled(window.limit, settings.retry_after)
        try:
            received.body = (await _body(request)).decode(errors="replace")
            await asyncio.sleep(_latency(settings, len(ledger.received)))
            if refusal is not None:
                raise refusal
            response = await handler(request)
        except RefusalError as refused:
            body = refused.body(received.request_id)
            response = answer(body, status=refused.status, headers=refused.headers)
        finally:
            ledger.leave()
        received.status = response.status
        response.headers["X-Request-Id"] = received.request_id
        return response

    return gateway


def _received(request: web.Request) -> Received:
    at = time.monotonic()
    path, _, query = request.raw_path.partition("?")
    return Received(at=at, method=request.method, path=path, query=query, request_id=uuid.uuid4().hex)


async def _body(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise GatewayError(413, "APIGW.0201", "Request entity too large") from None


def _latency(settings: Settings, number: int) -> float:
    swing = settings.jitter * (2 * chance(settings.seed, "latency", number) - 1)
    return settings.latency * (1 + swing)


def _throttled(limit: Rate, retry_after: int | None) -> GatewayError:
    told = f"policy user over ratelimit,limit:{limit.count},time:{limit.label}"
    wait = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return GatewayError(429, "APIGW.0308", f"The throttling threshold has been reached: {told}", headers=wait)

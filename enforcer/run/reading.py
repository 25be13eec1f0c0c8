"""One request that reads, again while that is worth it: reading changes nothing, so a stop may cut it off anywhere."""

from collections.abc import Awaitable, Callable
from itertools import count
from typing import TypeVar

from enforcer.core.pacing.retry import LIST_ATTEMPTS, Tries
from enforcer.model.answer import Failure, Reply
from enforcer.model.event import RequestRetried
from enforcer.run.site import Site
from enforcer.run.stopping import Interrupted

T = TypeVar("T")


async def read(
    site: Site, call: str, request: Callable[[], Awaitable[Reply[T] | Failure]], *, task_id: str | None = None
) -> Reply[T] | Failure:
    """Send *request*, again while that is worth it. Raises Interrupted when a stop is asked for.

    *call* and *task_id*, of the one task that it is about, are for the record.
    """
    tries = Tries(LIST_ATTEMPTS, site.budget)
    for attempt in count(1):
        async with site.stop.interrupts():
            answer = await site.send(request)
        if answer is None:
            raise Interrupted
        if isinstance(answer, Reply):
            return answer
        wait = tries.wait_after(answer, site.conduct.jitter())
        if wait is None:
            return answer
        site.conduct.recorder.emit(_retried(site, call, attempt, answer, wait, task_id=task_id))
        await site.stop.sleep(wait)
    raise AssertionError("count() never ends")


def _retried(
    site: Site, call: str, attempt: int, failure: Failure, wait: float, *, task_id: str | None
) -> RequestRetried:
    return RequestRetried(
        target=site.ref.name,
        call=call,
        attempt=attempt,
        failure=failure.kind,
        message=failure.message,
        wait_s=round(wait, 3),
        http_status=failure.http_status,
        error_code=failure.error_code,
        request_id=failure.request_id,
        task_id=task_id,
    )

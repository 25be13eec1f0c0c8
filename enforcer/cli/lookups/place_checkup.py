"""What is found on the way to one target, from its proxy to its permissions. Sends GETs only."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, TypeVar
from urllib.parse import urlsplit

from enforcer.cli.tables.diagnoses import AGAIN, Diagnosis, Status, failed
from enforcer.cli.targets import Place
from enforcer.cli.wiring.cloud import Cloud
from enforcer.core.text.skew import HINT as CLOCK_HINT
from enforcer.core.text.skew import WORTH_TELLING_S, skew_text
from enforcer.errors import ConfigError, EnforcerError, ExitCode
from enforcer.model.answer import Failure, FailureKind, Page, Reply
from enforcer.ports import TaskApi
from enforcer.run.site import exit_code_of

T = TypeVar("T")

_LIST: Final = "list"
_GET: Final = "get"
_MODIFY: Final = "modify"
_ABOUT_WHO_ASKS: Final = frozenset({FailureKind.DENIED, FailureKind.REJECTED})


async def diagnoses(cloud: Cloud, place: Place) -> AsyncIterator[Diagnosis]:
    """Yield what is found on the way to *place*, up to the first thing that blocks it."""
    try:
        proxy = cloud.proxy_for(place.endpoint)
    except ConfigError as error:
        yield failed("proxy", error, target=place.name)
        return
    yield Diagnosis(check="proxy", target=place.name, message=_proxy_text(proxy))
    try:
        cloud.check_trust()
    except ConfigError as error:
        yield failed("tls", error, target=place.name)
        return
    try:
        async with cloud.connect(place) as (api, project_id):
            yield _project(place, project_id)
            async for diagnosis in _of_api(cloud, place, api, proxy):
                yield diagnosis
    except EnforcerError as error:
        yield failed("project", error, target=place.name)


async def _of_api(cloud: Cloud, place: Place, api: TaskApi, proxy: str | None) -> AsyncIterator[Diagnosis]:
    listed = await _answer(lambda: api.list_page(offset=0, limit=1))
    if isinstance(listed, Failure) and listed.kind not in _ABOUT_WHO_ASKS:
        yield _blocked("endpoint", place, listed, exit_code_of(listed))
        return
    answered = f"{place.endpoint} answered in {listed.duration_s * 1000:.0f} ms"
    yield Diagnosis(check="endpoint", target=place.name, message=answered)
    yield await _tls(cloud, place, proxy)
    yield _clock(place, api.skew_s)
    if isinstance(listed, Failure):
        yield _blocked(_LIST, place, listed, ExitCode.DENIED)
        return
    yield Diagnosis(check=_LIST, target=place.name, message=_listed_text(listed.value))
    yield await _get(place, api, listed.value)
    yield Diagnosis(
        check=_MODIFY,
        target=place.name,
        status=Status.SKIP,
        message="dcs:migrationTask:modify is not tried, as that would change a task; apply needs it",
    )


async def _answer(ask: Callable[[], Awaitable[Reply[T] | Failure]]) -> Reply[T] | Failure:
    answer = await ask()
    while isinstance(answer, Failure) and answer.kind is FailureKind.RENEWED:
        # Ends: what was renewed is either accepted, or refused and given up.
        answer = await ask()
    return answer


def _project(place: Place, project_id: str) -> Diagnosis:
    origin = "looked up in IAM" if place.project_id is None else "as given"
    return Diagnosis(check="project", target=place.name, message=f"{project_id}, {origin}")


def _proxy_text(proxy: str | None) -> str:
    if proxy is None:
        return "none"
    parts = urlsplit(proxy)
    return f"{parts.scheme}://{parts.hostname}:{parts.port}" if parts.port else f"{parts.scheme}://{parts.hostname}"


async def _tls(cloud: Cloud, place: Place, proxy: str | None) -> Diagnosis:
    if place.endpoint.startswith("http:"):
        return Diagnosis(check="tls", target=place.name, message="none, which a loopback address may do without")
    trusted = f"the certificate was accepted by {cloud.trusts}"
    # Behind a proxy the certificate is not asked for a second time: the request itself has checked it.
    shown = None if proxy else await cloud.certificate(place.endpoint)
    return Diagnosis(check="tls", target=place.name, message=f"{trusted}; {shown}" if shown else trusted)


def _clock(place: Place, skew_s: float | None) -> Diagnosis:
    if skew_s is None:
        return Diagnosis(
            check="clock", target=place.name, status=Status.SKIP, message="the server did not tell what time it has"
        )
    if abs(skew_s) <= WORTH_TELLING_S:
        return Diagnosis(check="clock", target=place.name, message="within a minute of the server's")
    return Diagnosis(check="clock", target=place.name, status=Status.WARN, message=skew_text(skew_s), hint=CLOCK_HINT)


def _listed_text(page: Page) -> str:
    return "dcs:migrationTask:list is there" + ("" if page.count is None else f"; {page.count} tasks")


async def _get(place: Place, api: TaskApi, page: Page) -> Diagnosis:
    permission = "dcs:migrationTask:get"
    if not page.tasks:
        message = f"{permission} cannot be tried, as there is no task yet"
        return Diagnosis(check=_GET, target=place.name, status=Status.SKIP, message=message)
    task_id = page.tasks[0].task_id
    shown = await _answer(lambda: api.show(task_id))
    if isinstance(shown, Reply):
        return Diagnosis(check=_GET, target=place.name, message=f"{permission} is there")
    if shown.kind is FailureKind.GONE:
        message = f"{permission} could not be tried: the task went meanwhile"
        return Diagnosis(check=_GET, target=place.name, status=Status.SKIP, message=message)
    code = ExitCode.DENIED if shown.kind in _ABOUT_WHO_ASKS else exit_code_of(shown)
    return _blocked(_GET, place, shown, code)


def _blocked(check: str, place: Place, failure: Failure, code: ExitCode) -> Diagnosis:
    return Diagnosis(
        check=check,
        target=place.name,
        status=Status.FAIL,
        message=failure.message,
        hint=failure.hint or AGAIN,
        exit_code=code,
    )

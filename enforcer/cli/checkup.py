"""What a run needs, looked at one thing at a time: each check returns what it found, and changes nothing."""

import platform
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from enforcer import __version__
from enforcer.cli import wiring
from enforcer.cli.findings import Finding, Status, failed
from enforcer.cli.targets import Connection, Place
from enforcer.cli.wiring import Cloud
from enforcer.core.skew import HINT as CLOCK_HINT
from enforcer.core.skew import WORTH_TELLING_S, skew_text
from enforcer.core.summary import utc_text
from enforcer.errors import ConfigError, EnforcerError, ExitCode, JournalError
from enforcer.model.answer import Failure, FailureKind, Page, Reply
from enforcer.model.policy import Policy
from enforcer.ports import TaskApi
from enforcer.reports.words import duration
from enforcer.run.site import exit_code_of

T = TypeVar("T")

LATE_AFTER_S: Final = 26 * 3600.0
"""A nightly run that is older than that has missed a night, its random delay and its length allowed for."""

_LIST: Final = "list"
_GET: Final = "get"
_MODIFY: Final = "modify"
_AGAIN: Final = "Run `enforcer doctor` again when that is put right."
_ABOUT_WHO_ASKS: Final = frozenset({FailureKind.DENIED, FailureKind.REJECTED})


def of_this_machine(state_dir: Path, now: float, *, any_file_system: bool = False) -> Iterator[Finding]:
    """Yield what there is to say before anything is sent; *now* is Unix time in seconds."""
    yield _version()
    yield _state_directory(state_dir, any_file_system=any_file_system)
    yield _last_run(state_dir, now)


def places_of(connection: Connection, policy: Policy) -> tuple[Cloud, tuple[Place, ...]] | Finding:
    """Return the way to the API and where to, or what keeps either from being known. Raises UsageError."""
    try:
        cloud = Cloud(connection)
    except ConfigError as error:
        return failed("credentials", error, _AGAIN)
    try:
        return cloud, cloud.places(policy, policy.limits)
    except ConfigError as error:
        return failed("targets", error, _AGAIN)


def credentials(cloud: Cloud, now: float) -> Finding:
    """Return who asks and until when, by what is known without asking anybody."""
    found = cloud.credentials
    message = f"{found.kind} from {found.origin} ({found.source})"
    if found.renew_at is None:
        return Finding(check="credentials", message=f"{message}; no end is known of it")
    if found.renew_at > now:
        return Finding(check="credentials", message=f"{message}; to be renewed from {utc_text(found.renew_at)} on")
    return Finding(
        check="credentials",
        status=Status.WARN,
        message=f"{message}; it was to be renewed from {utc_text(found.renew_at)} on",
        hint="Bring new credentials to where these come from, before they expire.",
    )


async def of_place(cloud: Cloud, place: Place) -> AsyncIterator[Finding]:
    """Yield what is found on the way to *place*, up to the first thing that blocks it. Sends GETs only."""
    try:
        proxy = cloud.proxy_for(place.endpoint)
    except ConfigError as error:
        yield failed("proxy", error, _AGAIN, target=place.name)
        return
    yield Finding(check="proxy", target=place.name, message=_proxy_text(proxy))
    try:
        cloud.check_trust()
    except ConfigError as error:
        yield failed("tls", error, _AGAIN, target=place.name)
        return
    try:
        async with cloud.connect(place) as (api, project_id):
            yield _project(place, project_id)
            async for finding in _of_api(cloud, place, api, proxy):
                yield finding
    except EnforcerError as error:
        yield failed("project", error, _AGAIN, target=place.name)


async def _of_api(cloud: Cloud, place: Place, api: TaskApi, proxy: str | None) -> AsyncIterator[Finding]:
    listed = await _answer(lambda: api.list_page(offset=0, limit=1))
    if isinstance(listed, Failure) and listed.kind not in _ABOUT_WHO_ASKS:
        yield _blocked("endpoint", place, listed, exit_code_of(listed))
        return
    answered = f"{place.endpoint} answered in {listed.duration_s * 1000:.0f} ms"
    yield Finding(check="endpoint", target=place.name, message=answered)
    yield await _tls(cloud, place, proxy)
    yield _clock(place, api.skew_s)
    if isinstance(listed, Failure):
        yield _blocked(_LIST, place, listed, ExitCode.DENIED)
        return
    yield Finding(check=_LIST, target=place.name, message=_listed_text(listed.value))
    yield await _get(place, api, listed.value)
    yield Finding(
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


def _version() -> Finding:
    return Finding(
        check="version",
        message=f"enforcer {__version__}, Python {platform.python_version()}, {ssl.OPENSSL_VERSION}",
    )


def _state_directory(state_dir: Path, *, any_file_system: bool) -> Finding:
    try:
        is_there = wiring.is_state_dir_there(state_dir, any_file_system=any_file_system)
    except JournalError as error:
        return failed("state", error, _AGAIN)
    return Finding(check="state", message=f"{state_dir}" if is_there else f"{state_dir}, which the first apply makes")


def _last_run(state_dir: Path, now: float) -> Finding:
    try:
        rows = wiring.runs(state_dir, 1)
        holders = {lock.holder.run_id for lock in wiring.lock_states(state_dir) if lock.is_held and lock.holder}
    except JournalError as error:
        return failed("last run", error, _AGAIN)
    if not rows:
        return Finding(check="last run", message="no run is recorded yet")
    (row,) = rows
    said = f"{row.run_id} ({row.command})"
    age_s = now - datetime.fromisoformat(row.started_at).timestamp()
    if row.exit_code is None and row.run_id in holders:
        return Finding(check="last run", message=f"{said} is under way")
    if row.exit_code is None:
        message, hint = f"{said} has no end: it died", "The next apply settles what it left open."
    elif row.exit_code != ExitCode.OK:
        message = f"{said} ended with {row.exit_code} {row.exit_name}, {duration(age_s)} ago"
        hint = f"See why: enforcer runs report {row.run_id}"
    elif age_s > LATE_AFTER_S:
        message = f"{said} was {duration(age_s)} ago"
        hint = "If it is to run every night, see whether its timer or CronJob is on: systemctl list-timers"
    else:
        return Finding(check="last run", message=f"{said} ended well, {duration(age_s)} ago")
    return Finding(check="last run", status=Status.WARN, message=message, hint=hint)


def _project(place: Place, project_id: str) -> Finding:
    origin = "looked up in IAM" if place.project_id is None else "as given"
    return Finding(check="project", target=place.name, message=f"{project_id}, {origin}")


def _proxy_text(proxy: str | None) -> str:
    if proxy is None:
        return "none"
    parts = urlsplit(proxy)
    return f"{parts.scheme}://{parts.hostname}:{parts.port}" if parts.port else f"{parts.scheme}://{parts.hostname}"


async def _tls(cloud: Cloud, place: Place, proxy: str | None) -> Finding:
    if place.endpoint.startswith("http:"):
        return Finding(check="tls", target=place.name, message="none, which a loopback address may do without")
    trusted = f"the certificate was accepted by {cloud.trusts}"
    # Behind a proxy the certificate is not asked for a second time: the request itself has checked it.
    shown = None if proxy else await cloud.certificate(place.endpoint)
    return Finding(check="tls", target=place.name, message=f"{trusted}; {shown}" if shown else trusted)


def _clock(place: Place, skew_s: float | None) -> Finding:
    if skew_s is None:
        return Finding(
            check="clock", target=place.name, status=Status.SKIP, message="the server did not tell what time it has"
        )
    if abs(skew_s) <= WORTH_TELLING_S:
        return Finding(check="clock", target=place.name, message="within a minute of the server's")
    return Finding(check="clock", target=place.name, status=Status.WARN, message=skew_text(skew_s), hint=CLOCK_HINT)


def _listed_text(page: Page) -> str:
    return "dcs:migrationTask:list is there" + ("" if page.count is None else f"; {page.count} tasks")


async def _get(place: Place, api: TaskApi, page: Page) -> Finding:
    permission = "dcs:migrationTask:get"
    if not page.tasks:
        message = f"{permission} cannot be tried, as there is no task yet"
        return Finding(check=_GET, target=place.name, status=Status.SKIP, message=message)
    task_id = page.tasks[0].task_id
    shown = await _answer(lambda: api.show(task_id))
    if isinstance(shown, Reply):
        return Finding(check=_GET, target=place.name, message=f"{permission} is there")
    if shown.kind is FailureKind.GONE:
        message = f"{permission} could not be tried: the task went meanwhile"
        return Finding(check=_GET, target=place.name, status=Status.SKIP, message=message)
    code = ExitCode.DENIED if shown.kind in _ABOUT_WHO_ASKS else exit_code_of(shown)
    return _blocked(_GET, place, shown, code)


def _blocked(check: str, place: Place, failure: Failure, code: ExitCode) -> Finding:
    return Finding(
        check=check,
        target=place.name,
        status=Status.FAIL,
        message=failure.message,
        hint=failure.hint or _AGAIN,
        exit_code=code,
    )

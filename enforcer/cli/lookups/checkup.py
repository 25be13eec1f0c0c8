"""What there is to say of this machine before anything is sent: each check returns what it found, and makes nothing."""

import platform
import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from enforcer import __version__
from enforcer.cli.flags import repeated
from enforcer.cli.runs.telling import URLS
from enforcer.cli.state import Home
from enforcer.cli.tables.diagnoses import AGAIN, Diagnosis, Status, failed
from enforcer.cli.targets import Connection, Place
from enforcer.cli.wiring import project_locks, recorded_runs
from enforcer.cli.wiring.cloud import Cloud
from enforcer.cli.wiring.deliveries import deliver, services
from enforcer.core.text.moment import utc_text
from enforcer.errors import ConfigError, ExitCode, JournalError
from enforcer.model.news import Message
from enforcer.model.notify import Notify
from enforcer.model.policy import Policy
from enforcer.reports.amounts import duration

_TRIAL: Final = Message(
    title="enforcer doctor", body="This is a test. Here people will be told of runs, if their policy says so."
)
LATE_AFTER_S: Final = 26 * 3600.0
"""A nightly run that is older than that has missed a night, its random delay and its length allowed for."""


def of_this_machine(home: Home, now: float, *, any_file_system: bool = False) -> Iterator[Diagnosis]:
    """Yield what there is to say before anything is sent; *now* is Unix time in seconds."""
    yield _version()
    yield _state(home, any_file_system=any_file_system)
    yield _last_run(home, now)


def places_of(connection: Connection, policy: Policy) -> tuple[Cloud, tuple[Place, ...]] | Diagnosis:
    """Return the way to the API and where to, or what keeps either from being known. Raises UsageError."""
    try:
        cloud = Cloud(connection)
    except ConfigError as error:
        return failed("credentials", error)
    try:
        return cloud, cloud.places(policy, policy.limits)
    except ConfigError as error:
        return failed("targets", error)


def credentials(cloud: Cloud, now: float) -> Diagnosis:
    """Return who asks and until when, by what is known without asking anybody."""
    found = cloud.credentials
    ends = "" if found.expires_at is None else f", good until {utc_text(found.expires_at)}"
    message = f"{found.kind} from {found.origin} ({found.source}){ends}"
    if found.renew_at is None:
        return Diagnosis(check="credentials", message=f"{message}; no end is known of it")
    if found.renew_at > now:
        return Diagnosis(check="credentials", message=f"{message}; to be renewed from {utc_text(found.renew_at)} on")
    return Diagnosis(
        check="credentials",
        status=Status.WARN,
        message=f"{message}; it was to be renewed from {utc_text(found.renew_at)} on",
        hint="Bring new credentials to where these come from, before they expire.",
    )


def notification(notify: Notify, environ: Mapping[str, str], *, is_tried: bool) -> Iterator[Diagnosis]:
    """Yield whether people can be told of runs, if they are to be; with *is_tried*, a message to each service says."""
    urls = environ.get(URLS, "").strip()
    if not urls:
        if is_tried or notify is not Notify.NEVER:
            yield _untold(f"notify is {notify}, and {URLS} is not set", f"Set {URLS} to the URLs of the services.")
        return
    try:
        if not is_tried:
            yield Diagnosis(check="notify", message=f"{notify}, through {', '.join(services(urls))}; not tried")
            return
        for each in deliver(urls, lambda _: _TRIAL):
            if each.failure is None:
                yield Diagnosis(check="notify", message=f"{each.service} took a message")
            else:
                yield _untold(f"{each.service} {each.failure}", f"See its URL in {URLS}, and the way to it.")
    except ConfigError as wrong:
        yield _untold(wrong.message, wrong.hint or AGAIN)


def _untold(message: str, hint: str) -> Diagnosis:
    return Diagnosis(check="notify", status=Status.WARN, message=message, hint=hint)


def _version() -> Diagnosis:
    return Diagnosis(
        check="version",
        message=f"enforcer {__version__}, Python {platform.python_version()}, {ssl.OPENSSL_VERSION}",
    )


def _state(home: Home, *, any_file_system: bool) -> Diagnosis:
    try:
        is_there = recorded_runs.is_state_there(home, any_file_system=any_file_system)
    except (ConfigError, JournalError) as error:
        return failed("state", error)
    return Diagnosis(check="state", message=f"{home}" if is_there else f"{home}, which the first apply makes")


def _last_run(home: Home, now: float) -> Diagnosis:
    try:
        rows = recorded_runs.listed(home, 1)
        holders = {lock.holder.run_id for lock in project_locks.states(home) if lock.is_held and lock.holder}
    except (ConfigError, JournalError) as error:
        return failed("last run", error)
    if not rows:
        return Diagnosis(check="last run", message="no run is recorded yet")
    (row,) = rows
    said = f"{row.run_id} ({row.command})"
    age_s = now - datetime.fromisoformat(row.started_at).timestamp()
    if row.exit_code is None and row.run_id in holders:
        return Diagnosis(check="last run", message=f"{said} is under way")
    if row.exit_code is None:
        message, hint = f"{said} has no end: it died", "The next apply settles what it left open."
    elif row.exit_code != ExitCode.OK:
        message = f"{said} ended with {row.exit_code} {row.exit_name}, {duration(age_s)} ago"
        hint = f"See why: {repeated.here('runs', 'report', row.run_id)}"
    elif age_s > LATE_AFTER_S:
        message = f"{said} was {duration(age_s)} ago"
        hint = "If it is to run every night, see whether its timer or CronJob is on: systemctl list-timers"
    else:
        return Diagnosis(check="last run", message=f"{said} ended well, {duration(age_s)} ago")
    return Diagnosis(check="last run", status=Status.WARN, message=message, hint=hint)

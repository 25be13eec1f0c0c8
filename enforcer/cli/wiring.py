"""Puts adapters and ports together. The only module of the command line that names an adapter."""

from __future__ import annotations

import atexit
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from enforcer.core.text.endpoint import check_proxy
from enforcer.errors import ConfigError, JournalError

if TYPE_CHECKING:
    from enforcer.cli.state import Home
    from enforcer.cli.targets import Connection, Place, Surroundings
    from enforcer.core.overrides.incident import Author
    from enforcer.dcs.identity import Credentials
    from enforcer.journal.contests import Contested
    from enforcer.journal.emergency import Taken
    from enforcer.journal.reader import Child, RunRow
    from enforcer.journal.stores import Store
    from enforcer.journal.writer import JournalWriter
    from enforcer.model.allowance import Allowance
    from enforcer.model.episode import Episode
    from enforcer.model.event import Entry, TargetRef
    from enforcer.model.history import History, SetSince
    from enforcer.model.limits import Limits
    from enforcer.model.lock import Holder, LockState, StopRequest
    from enforcer.model.metric import Metric
    from enforcer.model.news import Delivery, Message
    from enforcer.model.override import Override, Step
    from enforcer.model.policy import Policy
    from enforcer.model.report.run import Report, TrendPoint
    from enforcer.model.savedplan import SavedPlan
    from enforcer.ports import Locks, Records, TaskApi

_CERTIFICATE_WITHIN_S: Final = 5.0


def load_policy(path: str) -> Policy:
    """Return the policy in the file or folder *path*; raise PolicyError with everything that is wrong in it."""
    from enforcer import policyfile

    return policyfile.load(path)


def load_plan(path: str) -> SavedPlan:
    """Return the saved plan in the file *path*; raise DataError or RefusedError if it is none, or was edited."""
    from enforcer import planfile

    return planfile.read(path)


def plan_text(plan: SavedPlan) -> str:
    """Return *plan* as the text of a file."""
    from enforcer import planfile

    return planfile.written(plan)


def overrides_digest(overrides: Iterable[Override]) -> str:
    """Return one digest of *overrides*, by which a saved plan knows whether they have changed."""
    from enforcer import planfile

    return planfile.overrides_digest(overrides)


def journal(home: Home, tell: Callable[[str], object], *, any_file_system: bool) -> JournalWriter:
    """Return the journal for a new run, open; leaving it as a context completes it.

    *tell* is given what it cannot take. Raises JournalError if the state directory is not fit for it.
    """
    from enforcer.journal.writer import JournalWriter

    return JournalWriter(_store(home, any_file_system=any_file_system), tell)


def is_state_there(home: Home, *, any_file_system: bool) -> bool:
    """Return whether anything is kept yet; raise JournalError if no run could be recorded."""
    return _store(home, any_file_system=any_file_system).look()


def events(home: Home, run_id: str) -> Iterator[Entry]:
    """Yield what the journal has of a run; raise UsageError if there is none of that id."""
    from enforcer.journal import reader

    return reader.events(_store(home), run_id)


def runs(home: Home, limit: int) -> tuple[RunRow, ...]:
    """Return the last *limit* runs of the journal, the newest first. Raises JournalError."""
    from enforcer.journal import reader

    return reader.runs(_store(home), limit)


def allowances(home: Home, policy: Policy | None) -> tuple[Allowance, ...]:
    """Return what earlier runs leave of the day budgets of *policy*. Raises JournalError."""
    from enforcer.journal import history

    return history.allowances(_store(home), policy, time.time())


def contested(home: Home) -> tuple[Contested, ...]:
    """Return every contested task. Raises JournalError."""
    from enforcer.journal import contests

    return contests.listed(_store(home))


def clear_contested(home: Home, task_ids: Sequence[str], by: str) -> tuple[Contested, ...]:
    """Clear those of *task_ids* that are contested, and return them. Raises JournalError."""
    from enforcer.journal import contests

    return contests.clear(_store(home), task_ids, time.time(), by)


def last_success(home: Home, policy_name: str, shard: str | None) -> float | None:
    """Return the Unix time at which the last apply of the policy, or of its *shard*, with exit 0 ended, if any did.

    Raises JournalError.
    """
    from enforcer.journal import reader

    return reader.last_success(_store(home), policy_name, shard)


def history(home: Home, place: TargetRef) -> History:
    """Return what the journal says of earlier runs at *place*. Raises JournalError."""
    from enforcer.journal.history import history as read

    return read(_store(home), place, time.time())


def set_since(home: Home, since: float, *, but: str) -> dict[str, SetSince]:
    """Return which run set each task last, by id, after *since*, the run *but* apart. Raises JournalError."""
    from enforcer.journal import history

    return history.set_since(_store(home), since, but=but)


def run_pair(home: Home, later: str | None) -> tuple[str, str]:
    """Return the ids of the run *later*, or of the last, and of the one before it, that one first.

    Raises UsageError if there are no two of them, or JournalError.
    """
    from enforcer.journal import reader

    return reader.pair(_store(home), later)


def trend(home: Home, run_id: str) -> tuple[TrendPoint, ...]:
    """Return the last applies of the policy of the run *run_id* up to that one. Raises JournalError."""
    from enforcer.journal import reader

    return reader.trend(_store(home), run_id)


def past(home: Home, task: str) -> tuple[Episode, ...]:
    """Return what runs did about *task*, an id, the beginning of one or a name. Raises UsageError or JournalError."""
    from enforcer.journal.past import past as read

    return read(_store(home), task)


def planned_tasks(home: Home, begun: str) -> tuple[tuple[str, str], ...]:
    """Return ids, with their names, of tasks that runs planned to change, as *begun*. Raises JournalError."""
    from enforcer.journal.past import planned

    return planned(_store(home), begun)


def prune(home: Home, policy_name: str, before: float) -> tuple[str, ...]:
    """Delete the runs of a policy that began before *before*, Unix time, but for those that are needed.

    Returns their ids. Raises JournalError.
    """
    from enforcer.journal import pruning

    return pruning.prune(_store(home, any_file_system=True), policy_name, before)


def event_lines(home: Home, run_id: str) -> Iterator[str]:
    """Return the events of a run as JSON lines; raise UsageError if there is none of that id."""
    from enforcer.journal import reader

    return reader.exported(_store(home), run_id)


def take_back(home: Home, text: Iterable[str], *, any_file_system: bool) -> tuple[Taken, ...]:
    """Add the events that lines of *text* tell of to the journal. Raises DataError or JournalError."""
    from enforcer.journal import emergency

    return emergency.take_back(_store(home, any_file_system=any_file_system), text)


def locks(home: Home, projects: Iterable[tuple[str, str]], holder: Holder) -> Locks:
    """Return the locks of *projects*, pairs of endpoint and project id, for *holder*; none of them is taken yet."""
    return _store(home).locks(projects, holder)


def lock_states(home: Home) -> tuple[LockState, ...]:
    """Return every lock of the state directory as it is now. Raises JournalError."""
    return _store(home).lock_states()


def shortfall(home: Home, run_id: str) -> str | None:
    """Return what is missing at the end of a run's record, in a sentence; None: nothing is. Raises JournalError."""
    from enforcer.journal import reader

    return reader.shortfall(_store(home), run_id)


def children(home: Home, run_id: str) -> tuple[Child, ...]:
    """Return the runs that went back to the run *run_id*. Raises JournalError."""
    from enforcer.journal import reader

    return reader.children(_store(home), run_id)


def request_stop(home: Home, busy: LockState, plea: StopRequest) -> bool:
    """Ask the holder of *busy* to stop; return whether there was one still. Raises JournalError."""
    return _store(home).request_stop(busy.endpoint, busy.project_id, plea) is not None


def records(home: Home) -> Records:
    """Return the records of earlier runs, which are read and added to when asked for."""
    from enforcer.journal.records import Records

    return Records(_store(home, any_file_system=True))


def last_start(home: Home, policy_name: str, before: float, shard: str | None) -> float | None:
    """Return when the last apply of a policy of that name, or of its *shard*, began before *before*; Unix times.

    Raises JournalError.
    """
    from enforcer.journal import reader

    return reader.last_start(_store(home), policy_name, before, shard)


def authors_since(home: Home, since: float, *, but: str) -> dict[str, Author]:
    """Return who sent the last change of each task, by id, after *since*, the run *but* apart. Raises JournalError."""
    from enforcer.journal import reader

    return reader.authors_since(_store(home), since, but=but)


def overrides(home: Home) -> tuple[Override, ...]:
    """Return every override of the state directory, whatever became of it. Raises JournalError."""
    from enforcer.journal import overrides as kept

    return kept.stored(_store(home))


def overrides_version(home: Home) -> int:
    """Return a number that grows with every change of an override. Raises JournalError."""
    from enforcer.journal import overrides as kept

    return kept.version(_store(home))


def amend_overrides(
    home: Home, steps: Callable[[tuple[Override, ...]], Sequence[Step]], *, any_file_system: bool = False
) -> tuple[Step, ...]:
    """Record what *steps* makes of the overrides there are, and return it. Raises JournalError, and what it raises."""
    from enforcer.journal import overrides as kept

    return kept.amend(_store(home, any_file_system=any_file_system), steps)


def _store(home: Home, *, any_file_system: bool = False) -> Store:
    if home.server is not None:
        return _server(home.server)
    from enforcer.journal.sqlite.store import SqliteStore

    return SqliteStore(home.directory, any_file_system=any_file_system)


@cache
def _server(url: str) -> Store:
    """Return the store on the server at *url*, one for the whole process; raise JournalError without its library."""
    try:
        from enforcer.journal.postgres.store import PostgresStore
    except ImportError as missing:
        raise JournalError(
            f"the state is on a PostgreSQL server, and the library for it cannot be used: {missing}",
            hint="Install it: pip install 'enforcer[postgres]'",
        ) from missing
    store = PostgresStore(url)
    atexit.register(store.close)
    return store


def deliver(urls: str, message: Callable[[int], Message]) -> tuple[Delivery, ...]:
    """Send a message to the services of *urls*; *message* makes it for a room of so many characters.

    Raises ConfigError if it can be sent through none.
    """
    from enforcer import notify

    return notify.deliver(urls, message)


def services(urls: str) -> tuple[str, ...]:
    """Return the names of the services of *urls*; raise ConfigError if one cannot be used."""
    from enforcer import notify

    return notify.services(urls)


def push(url: str, metrics: Sequence[Metric], group: Mapping[str, str]) -> Delivery:
    """Send *metrics* to the Pushgateway at *url*, in place of those that it has of *group*; return what came of it."""
    from enforcer import telemetry

    return telemetry.push(url, metrics, group)


def export(report: Report, metrics: Sequence[Metric], environ: Mapping[str, str]) -> Delivery:
    """Send *metrics* and a trace of the run where OpenTelemetry's variables say; return what came of it."""
    from enforcer import telemetry

    return telemetry.export(report, metrics, environ)


class Cloud:
    """The way to the API: who asks, and how each place is reached."""

    def __init__(self, connection: Connection, environ: Mapping[str, str] | None = None) -> None:
        """Find the credentials that *connection* asks for; raise ConfigError if there are none to use."""
        from enforcer.dcs.credentials import identify

        self._connection = connection
        self._environ = os.environ if environ is None else environ
        self._identity = identify(connection.credentials, self._environ, Path.home())

    @property
    def credentials(self) -> Credentials:
        """Who asks."""
        return self._identity.credentials

    @property
    def trusts(self) -> str:
        """Which CAs servers are checked by, for people."""
        return f"those of {self._connection.ca_file}" if self._connection.ca_file else "the system's CAs"

    def check_trust(self) -> None:
        """Raise ConfigError if no server could be trusted."""
        from enforcer.dcs.tls import tls_context

        tls_context(self._connection.ca_file)

    async def certificate(self, endpoint: str) -> str | None:
        """Return what the certificate of *endpoint* says of itself, in words; None if that cannot be told."""
        from enforcer.dcs.certificate import shown_by

        parts = urlsplit(endpoint)
        return await shown_by(parts.hostname or "", parts.port or 443, within_s=_CERTIFICATE_WITHIN_S)

    def surroundings(self) -> Surroundings:
        """Return what the environment and the profile say of the place to work in."""
        from enforcer.dcs.credentials import surroundings

        around = surroundings(self._environ, Path.home(), source=self._identity.source)
        from enforcer.cli.targets import Surroundings

        return Surroundings(region=around.region, project_id=around.project_id, iam_endpoint=around.iam_endpoint)

    def places(self, policy: Policy, limits: Limits) -> tuple[Place, ...]:
        """Return the places to work on; raise UsageError or ConfigError if they cannot be told."""
        from enforcer.cli.targets import resolve
        from enforcer.dcs.endpoints import endpoint_for

        return resolve(policy, self._connection, limits, self.surroundings(), endpoint_for=endpoint_for)

    @asynccontextmanager
    async def connect(self, place: Place) -> AsyncIterator[tuple[TaskApi, str]]:
        """Yield the API of *place* and its project id; raise an EnforcerError if it cannot be made ready."""
        from enforcer.dcs.client import connect

        async with connect(
            target_name=place.name,
            endpoint=place.endpoint,
            iam_endpoint=place.iam_endpoint,
            region=place.region,
            project_id=place.project_id,
            identity=self._identity,
            concurrency=place.concurrency,
            ca_file=self._connection.ca_file,
            proxy=self.proxy_for(place.endpoint),
        ) as client:
            yield client, client.project_id

    def proxy_for(self, endpoint: str) -> str | None:
        """Return --proxy, else what HTTPS_PROXY and NO_PROXY say of the endpoint's host; never one for loopback."""
        parts = urlsplit(endpoint)
        if parts.scheme == "http":
            return None
        if self._connection.proxy:
            return _checked_proxy(self._connection.proxy, "--proxy")
        # Some 20 ms, which commands without a network need not take.
        from urllib.request import getproxies, proxy_bypass

        found = None if proxy_bypass(parts.hostname or "") else getproxies().get("https")
        return _checked_proxy(found, "HTTPS_PROXY") if found else None


def _checked_proxy(url: str, origin: str) -> str:
    try:
        return check_proxy(url)
    except ValueError as wrong:
        raise ConfigError(f"{origin}: {wrong}") from None

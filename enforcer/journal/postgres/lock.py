"""One run at a time for a project at an endpoint, whatever host it is on: an advisory lock of the server.

The server lets go of it when the connection ends that took it, however it ends; so there is no stale lock, and no way
to break one. The connection does nothing else, and is asked twice a second whether it is still there.
"""

import contextlib
import hashlib
from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
import psycopg

from enforcer.core.pacing.pleas import heeded
from enforcer.core.text.database_url import shown
from enforcer.core.text.endpoint import canonical
from enforcer.errors import ExitCode
from enforcer.journal.postgres.connection import Direct, connect, explained, said
from enforcer.journal.stores import Connection
from enforcer.model.event import RunStopped
from enforcer.model.lock import Holder, LockState, StopRequest

# An advisory lock with one number for a key is shown with the halves of that number, and 1.
_HELD_BY = """
    (SELECT pid FROM pg_catalog.pg_locks
        WHERE locktype = 'advisory' AND granted AND objsubid = 1
            AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
            AND (classid::bigint << 32 | objid::bigint) = key)
"""
T = TypeVar("T")

_TRY = "SELECT pg_try_advisory_lock(%s)"
_DESCRIBE = """
    INSERT INTO project_lock (key, endpoint, project_id, backend, holder) VALUES (%s, %s, %s, pg_backend_pid(), %s)
    ON CONFLICT (key) DO UPDATE SET backend = excluded.backend, holder = excluded.holder
"""
_SELECT_HOLDER = f"SELECT holder FROM project_lock WHERE key = %s AND backend = {_HELD_BY}"  # noqa: S608 - our own words
_SELECT_ALL = f"SELECT endpoint, project_id, {_HELD_BY} IS NOT NULL, holder FROM project_lock"  # noqa: S608 - the same
_SELECT_PLEAS = "SELECT plea FROM project_lock WHERE key = ANY(%s) AND plea IS NOT NULL"
_PLEAD = f"UPDATE project_lock SET plea = %s WHERE key = %s AND backend = {_HELD_BY} RETURNING holder"  # noqa: S608 - the same


class PostgresLocks:
    """The locks of all projects that a run may change; all of them or none. Implements `ports.Locks`.

    They are taken in the order of their keys, which is the same for every run, so that of two runs that want several
    each, one gets them all.
    """

    def __init__(self, url: str, projects: Iterable[tuple[str, str]], holder: Holder) -> None:
        """*projects* are pairs of endpoint and project id; one that comes twice counts once."""
        self._url = url
        self._holder = holder
        self._wanted = dict(sorted((_key(*project), project) for project in projects))
        self._held: set[int] = set()
        self._connection: Direct | None = None

    def take(self) -> LockState | None:
        """Take as many as can be had; return the first that another holds, None when all are held.

        Never waits for another run. Raises JournalError if the server cannot be asked.
        """
        if self._connection is None:
            self._connection = connect(self._url, f"locks for {self._holder.run_id}")
        with explained(self._url, "asked for a lock"):
            for key, (endpoint, project_id) in self._wanted.items():
                if key in self._held:
                    continue
                if self._connection.execute(_TRY, (key,)).fetchone() != (True,):
                    return _state(endpoint, project_id, self._connection.execute(_SELECT_HOLDER, (key,)).fetchone())
                self._held.add(key)
                described = msgspec.json.encode(self._holder).decode()
                self._connection.execute(_DESCRIBE, (key, endpoint, project_id, described))
        return None

    def objection(self) -> RunStopped | None:
        """Return why the holder must stop: the locks are lost, or somebody asks for it. None: it may go on."""
        if self._connection is None:
            return None
        try:
            found = self._connection.execute(_SELECT_PLEAS, (list(self._held),)).fetchall()
        except psycopg.Error as error:
            return RunStopped(
                exit_code=ExitCode.IO,
                message=f"the connection that holds the lock, to {shown(self._url)}, was lost, so another run may have "
                f"begun: {said(self._url, error)}",
                hint="See `enforcer lock`, then run enforcer again.",
            )
        requests = (_decoded(plea, StopRequest) for (plea,) in found)
        stops = (heeded(request, self._holder) for request in requests if request is not None)
        return next((stop for stop in stops if stop is not None), None)

    def release(self) -> None:
        """Give every lock back."""
        if self._connection is not None:
            # At once, and not when the server has noticed that the connection is closed.
            with contextlib.suppress(psycopg.Error):
                self._connection.execute("SELECT pg_advisory_unlock_all()")
            self._connection.close()
            self._connection = None
        self._held.clear()


def request_stop(url: str, endpoint: str, project_id: str, request: StopRequest) -> LockState | None:
    """Ask the holder of a lock to stop, as `stores.Store.request_stop` says."""
    asked = msgspec.json.encode(request).decode()
    with contextlib.closing(connect(url, "asks for a stop")) as connection, explained(url, "written"):
        found = connection.execute(_PLEAD, (asked, _key(endpoint, project_id))).fetchone()
    return None if found is None else _state(endpoint, project_id, found)


def states(connection: Connection) -> tuple[LockState, ...]:
    """Return every lock that was ever taken in the database, by endpoint and project."""
    found = connection.execute(_SELECT_ALL).fetchall()
    return tuple(
        LockState(endpoint=endpoint, project_id=project_id, is_held=is_held, holder=_decoded(holder, Holder))
        for endpoint, project_id, is_held, holder in sorted(found)
    )


def _key(endpoint: str, project_id: str) -> int:
    digest = hashlib.sha256(f"{canonical(endpoint)}\n{project_id}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _state(endpoint: str, project_id: str, described: tuple[Any, ...] | None) -> LockState:
    holder = None if described is None else _decoded(described[0], Holder)
    return LockState(endpoint=endpoint, project_id=project_id, is_held=True, holder=holder)


def _decoded(text: str, kind: type[T]) -> T | None:
    """Return what *text* says; None if it says nothing legible."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError:
        return None

"""Connections to the server: direct, bounded in time, and fit to keep a record.

psycopg itself waits for as long as the network says nothing; here every answer has its time, after which the connection
is given up. That, and every other failure, becomes a `JournalError` that has no password in it.
"""

import logging
import re
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import unquote

import psycopg
from psycopg import conninfo

from enforcer.core.text.database_url import passwords, shown
from enforcer.errors import JournalError
from enforcer.journal.stores import Value

SCHEMA: Final = "enforcer"
"""The schema of the database that everything is in."""
WAIT_S: Final = 10
"""How long to wait for a connection, and for each answer, in seconds, unless the URL has a connect_timeout."""
OLDEST_SERVER: Final = 140_000

_DEFAULTS: Final = {
    "connect_timeout": WAIT_S,
    # A server that has gone without a word is noticed in half a minute, and not in two hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
# The server, too, has to notice that a host is gone, which may hold a lock. A commit is not to return before it is
# durable; `remote_apply` and its like, which promise more, are left alone.
_SETTINGS: Final = f"""
    SET search_path TO {SCHEMA};
    SET tcp_keepalives_idle = 10;
    SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 3;
    SET idle_in_transaction_session_timeout = '60s';
    SET client_min_messages = 'warning';
    SET idle_session_timeout = 0
"""
_SETTING: Final = "SELECT set_config(%s, %s, false)"
_FACTS: Final = """
    SELECT pg_backend_pid(), current_setting('fsync'), current_setting('server_encoding'), pg_is_in_recovery(),
        current_setting('synchronous_commit')
"""
_REACH: Final = "See that the server is up, that it can be reached from here, and that the URL is right."
RIGHTS: Final = "docs/security.md has the rights that enforcer's role needs."

RV = TypeVar("RV")

# What it would say of a connection that is lost is said by whoever needed it.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


class Direct(psycopg.Connection[tuple[Any, ...]]):
    """A connection that waits for no answer longer than *within_s* seconds, and is closed after that."""

    within_s: float = WAIT_S

    def wait(self, gen: Generator[Any, Any, RV], *args: Any, **kwargs: Any) -> RV:
        try:
            return super().wait(_bounded(gen, self.within_s), *args, **kwargs)
        except _Late as late:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer within {self.within_s:g} s") from late


class _Late(Exception):  # noqa: N818 - never leaves this file
    """An answer took too long."""


class Dialect:
    """A connection as the shared queries want it. Implements `stores.Connection`."""

    def __init__(self, connection: Direct) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: Sequence[Value] = (), /) -> psycopg.Cursor[tuple[Any, ...]]:
        return self._connection.execute(_translated(sql), parameters)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Value]], /) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_translated(sql), parameters)


def connect(url: str, purpose: str) -> Direct:
    """
    Return a connection to the server at *url* that commits by itself; *purpose* is what its activity view shows.

    Raises JournalError if *url* cannot be understood, the server cannot be reached or does not let this user in, or it
    is not fit to keep a record.
    """
    name, wanted = shown(url), _parameters(url)
    with explained(url, "reached"):
        connection = Direct.connect(**wanted | {"application_name": f"enforcer {purpose}"}, autocommit=True)
    connection.within_s = float(wanted["connect_timeout"])
    try:
        with explained(url, "used"):
            _make_fit(connection, name)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def explained(url: str, verb: str) -> Iterator[None]:
    """Make a JournalError of whatever psycopg raises inside the block; *verb* is past tense."""
    try:
        yield
    except psycopg.Error as error:
        hint = RIGHTS if isinstance(error, psycopg.errors.InsufficientPrivilege) else _REACH
        raise JournalError(f"the journal at {shown(url)} cannot be {verb}: {said(url, error)}", hint=hint) from None


def said(url: str, error: BaseException) -> str:
    """Return what *error* says, on one line and without the passwords of *url*."""
    diagnosed = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    text = " ".join((diagnosed or str(error) or type(error).__name__).split())
    for password in passwords(url):
        for form in {password, unquote(password)}:
            text = text.replace(form, "***")
    return text


def _parameters(url: str) -> dict[str, Any]:
    try:
        given = conninfo.conninfo_to_dict(url)
        timeout = max(2, int(given.get("connect_timeout") or WAIT_S))
    except (psycopg.Error, ValueError):
        # What libpq says of it would repeat it, with its password.
        raise JournalError(
            f"the URL of the state, {shown(url)}, cannot be understood",
            hint="It is postgresql://[USER@]HOST[:PORT]/DATABASE, with options of libpq after a question mark.",
        ) from None
    return {**_DEFAULTS, **given, "connect_timeout": timeout, "client_encoding": "utf8"}


def _make_fit(connection: Direct, name: str) -> None:
    if connection.info.server_version < OLDEST_SERVER:
        raise JournalError(
            f"the server of {name} is PostgreSQL {connection.info.server_version // 10_000}",
            hint=f"enforcer needs {OLDEST_SERVER // 10_000} or newer.",
        )
    connection.execute(_SETTINGS)
    connection.execute(_SETTING, ("statement_timeout", f"{connection.within_s:g}s"))
    pid, fsync, encoding, is_standby, commit = connection.execute(_FACTS).fetchone() or ()
    if pid != connection.info.backend_pid:
        raise JournalError(
            f"{name} leads to a pooler, like PgBouncer, and not to the server",
            hint="A lock belongs to one connection: name the server itself, its own host and port.",
        )
    if is_standby:
        raise JournalError(
            f"the server of {name} is a standby, which takes no records",
            hint="Name the primary; with several hosts in the URL, add target_session_attrs=read-write.",
        )
    if fsync != "on":
        raise JournalError(
            f"the server of {name} runs with fsync off, so that a record may be lost after its change is sent",
            hint="Set fsync = on in its postgresql.conf.",
        )
    if encoding != "UTF8":
        raise JournalError(
            f"the database of {name} has the encoding {encoding}", hint="Create it with ENCODING 'UTF8'."
        )
    if commit in {"off", "local"}:
        connection.execute(_SETTING, ("synchronous_commit", "on"))


def _bounded(gen: Generator[Any, Any, RV], within_s: float) -> Generator[Any, Any, RV]:
    """Pass on what *gen* waits for, and what it gets; raise _Late when it has waited for *within_s* seconds.

    psycopg asks again every tenth of a second, whether or not there is something to read.
    """
    until = time.monotonic() + within_s
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            wanted = gen.send(ready)
            if time.monotonic() > until:
                gen.close()
                raise _Late
    except StopIteration as done:
        result: RV = done.value
        return result


@cache
def _translated(sql: str) -> str:
    return re.sub(r"\s+INDEXED BY \w+", "", sql).replace("%", "%%").replace("?", "%s")

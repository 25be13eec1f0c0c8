"""A PostgreSQL server of the test's own: in a new directory, on a free port of 127.0.0.1, gone when it is closed."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

PASSWORD = "hunter2-of-the-state"
SUPERUSER = "dba"
_STARTS_WITHIN_S = 60.0
_DIES_WITH_US = ("setpriv", "--pdeathsig", "QUIT") if shutil.which("setpriv") else ()
"""What has the server end when the process of the tests is killed."""
_CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = 16MB
max_connections = 60
max_wal_size = 256MB
autovacuum = off
timezone = 'UTC'
"""


def program(name: str) -> str | None:
    """Return the path of a program of the server, which Debian keeps out of PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(versions[-1]) if versions else shutil.which(name)


def require() -> None:
    """Skip the test where there is no server, unless there has to be one."""
    if program("postgres") is None and os.environ.get("REQUIRE_POSTGRES") != "1":
        pytest.skip("PostgreSQL's server is not installed: apt-get install postgresql")


class Server:
    """One server, running from the moment it is made. It can be killed and paused, as a machine can."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="enforcer-postgres-"))
        self._user = _unprivileged()
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        try:
            self._make()
            self.start()
        except BaseException:
            self.close()
            raise

    def url(self, *, user: str = SUPERUSER, password: str | None = PASSWORD, port: int | None = None) -> str:
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@127.0.0.1:{port or self.port}/postgres"

    def start(self) -> None:
        """Start it, after whatever ended it, and return when it can be used."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_DIES_WITH_US, str(program("postgres")), "-D", str(self._data), "-p", str(self.port)],
                stdout=log,
                stderr=log,
                cwd="/",
                user=self._user,
                group=None if self._user is None else pwd.getpwuid(self._user).pw_gid,
                extra_groups=None if self._user is None else [],
            )
        until = time.monotonic() + _STARTS_WITHIN_S
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise AssertionError((self._folder / "log").read_text()) from None
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """It answers nobody inside this block, and keeps every connection."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def execute(self, sql: str) -> list[tuple[object, ...]]:
        """Carry out *sql* as its administrator, and return what it finds."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def reload(self) -> None:
        """Have it read its configuration again, and return when new connections go by it."""
        before = self.execute("SELECT pg_conf_load_time()")
        self.execute("SELECT pg_reload_conf()")
        until = time.monotonic() + _STARTS_WITHIN_S
        while self.execute("SELECT pg_conf_load_time()") == before:
            assert time.monotonic() < until
            time.sleep(0.02)

    def empty(self) -> None:
        """Take out all that tests have put in."""
        self.execute("DROP SCHEMA IF EXISTS enforcer CASCADE")

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _make(self) -> None:
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if self._user is not None:
            for path in (self._folder, secret):
                os.chown(path, self._user, pwd.getpwuid(self._user).pw_gid)
        options = ["--auth=scram-sha-256", "--no-sync", "--encoding=UTF8", "--locale=C", f"--username={SUPERUSER}"]
        subprocess.run(
            [str(program("initdb")), f"--pgdata={self._data}", f"--pwfile={secret}", *options],
            check=True,
            capture_output=True,
            cwd="/",
            user=self._user,
            group=None if self._user is None else pwd.getpwuid(self._user).pw_gid,
            extra_groups=None if self._user is None else [],
        )
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(_CONFIGURATION)

    def _signal(self, number: signal.Signals) -> None:
        """Send a signal to the server and to the processes of its connections, the one that would start more first."""
        if self._process is None:
            return
        for pid in (self._process.pid, *_children(self._process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def _children(parent: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it may end meanwhile
            _state, ppid, *_ = stat.read_text().rpartition(")")[2].split()
            if int(ppid) == parent:
                yield int(stat.parent.name)


def _unprivileged() -> int | None:
    """Return the user to run as, since the server refuses to be root; None: this one will do."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    raise AssertionError("there is no user to run PostgreSQL as")

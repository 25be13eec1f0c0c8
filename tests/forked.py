"""The command as a copy of a process that has it loaded already, since its imports are most of what a short run costs.

All of `enforcer.__main__.main` runs in a process of its own: environment, directory, descriptors, signals and exit are
those of the command that a user starts. Python's own start is what is left out, so whatever Python reads as it starts
needs the installed command itself (`tests.command` knows when).
"""

import atexit
import gc
import importlib
import importlib.util
import logging
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parents[1]


class _Order(msgspec.Struct):
    line: list[str]
    """The command line; its first word is the command."""
    env: dict[str, str]
    folder: str


def run(line: Sequence[str], *, env: Mapping[str, str], folder: Path, timeout_s: float) -> tuple[int, bytes, bytes]:
    """Run the command that *line* begins with, to its end; return the exit code and what it wrote to stdout and stderr.

    Raises subprocess.TimeoutExpired, after it has killed the command.
    """
    order = msgspec.json.encode(_Order(line=list(line), env=dict(env), folder=str(folder)))
    ours, theirs = socket.socketpair()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, ours:
        with theirs:
            socket.send_fds(_loaded(), [order], [out.fileno(), err.fileno(), theirs.fileno()])
        pid = _number(ours)
        ours.settimeout(timeout_s)
        try:
            code = _number(ours)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(list(line), timeout_s) from None
        return code, _written(out), _written(err)


def _number(connection: socket.socket) -> int:
    said = connection.recv(4)
    assert len(said) == 4, "the process that has the command loaded is gone"
    return int.from_bytes(said, signed=True)


def _written(file: Any) -> bytes:
    file.seek(0)
    return bytes(file.read())


@cache
def _loaded() -> socket.socket:
    """Start the process that has the command loaded, once for this one; return where it takes orders."""
    # A message each, so that orders of several threads do not mix.
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # Where this process finds the package only as it is installed, that one does.
    python = [sys.executable, "-P"] if sys.flags.safe_path else [sys.executable]
    with theirs:
        process = subprocess.Popen(
            [*python, "-m", "tests.forked", str(theirs.fileno())],
            cwd=ROOT,
            env=at_start(os.environ["PATH"]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def at_start(path: str) -> dict[str, str]:
    """Return what Python itself is to read in the environment, for each way to run the command."""
    # Anything that Python would warn about on stderr is a defect of the command.
    return {"PATH": path, "PYTHONWARNINGS": "error,ignore::ResourceWarning"}


def _serve(orders: socket.socket) -> int:
    """Carry out *orders* until nobody can give any; in a copy of this process, return the command's exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        order, descriptors, _, _ = socket.recv_fds(orders, 1 << 20, 3)
        if not order:
            return 0
        if os.fork() == 0:
            orders.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return _attended(msgspec.json.decode(order, type=_Order), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _attended(order: _Order, out: int, err: int, told: int) -> int:
    """Let a copy be the command, and tell its process number and what becomes of it."""
    pid = os.fork()
    if pid == 0:
        os.close(told)
        return _command(order, out, err)
    os.write(told, pid.to_bytes(4, signed=True))
    _, status = os.waitpid(pid, 0)
    with suppress(BrokenPipeError):  # who gave the order has waited long enough
        os.write(told, os.waitstatus_to_exitcode(status).to_bytes(4, signed=True))
    os._exit(0)


def _command(order: _Order, out: int, err: int) -> int:
    """Be the command."""
    for descriptor, number in ((out, 1), (err, 2)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(order.env)
    os.chdir(order.folder)
    sys.argv = order.line
    for folder in filter(None, order.env.get("PYTHONPATH", "").split(os.pathsep)):
        _customize(Path(folder) / "sitecustomize.py")

    from enforcer.__main__ import main

    return main()


def _customize(path: Path) -> None:
    """Do what Python does at its start with the first sitecustomize that it finds."""
    spec = importlib.util.spec_from_file_location("sitecustomize", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


def _load() -> None:
    import enforcer
    from enforcer import notify

    for module in pkgutil.walk_packages(enforcer.__path__, "enforcer."):
        importlib.import_module(module.name)
    # Apprise is loaded when it is needed, out of the ten seconds that services have; it silences the standard log.
    notify.services("json://localhost")
    logging.disable(logging.NOTSET)
    # The copies share what is here as long as nobody writes to it, not even the collector.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    _load()
    sys.exit(_serve(socket.socket(fileno=int(sys.argv[1]))))

"""Take the locks of a run's projects, or say who has them."""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Self

from msgspec.structs import replace

from enforcer.cli.state import Home
from enforcer.cli.terminal import screen
from enforcer.cli.wiring import project_locks
from enforcer.core.text.moment import utc_text
from enforcer.errors import BusyError
from enforcer.model.event import RunStopped, TargetRef
from enforcer.model.lock import Holder, LockState, StopRequest
from enforcer.run.stopping import Stop

if TYPE_CHECKING:
    from enforcer.ports import Locks

_AT_ONCE_S: Final = 0.1
"""`enforcer lock` asks the kernel by holding a lock for an instant; that is no reason to be turned away."""
_BETWEEN_TRIES_S: Final = 0.05


class Locking:
    """The locks of a run; a context manager that gives them back.

    It has to outlive the run's journal: whoever takes the locks next may conclude that a run without an end is dead.
    """

    def __init__(self, home: Home, timeout_s: float, plea: StopRequest | None = None) -> None:
        """*timeout_s* is how long to wait for others, in seconds; 0: not at all. *plea* asks them to stop."""
        self._home = home
        self._timeout_s = timeout_s
        self._plea = plea
        self._locks: Locks | None = None

    async def take(self, refs: Sequence[TargetRef], holder: Holder, stop: Stop) -> None:
        """Take the locks of the projects of *refs*.

        Raises BusyError when others hold one for too long, Interrupted when a stop is asked for meanwhile, and
        JournalError if a lock cannot be used.
        """
        self._locks = project_locks.locks(self._home, [(ref.endpoint, ref.project_id) for ref in refs], holder)
        await self._wait_for(self._locks, refs, stop)

    def objection(self) -> RunStopped | None:
        """Return why the run must stop; None: it may go on."""
        return None if self._locks is None else self._locks.objection()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._locks is not None:
            self._locks.release()

    async def _wait_for(self, locks: "Locks", refs: Sequence[TargetRef], stop: Stop) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        told: set[tuple[str, str, str | None]] = set()
        while (busy := locks.take()) is not None:
            waited = loop.time() - began
            if waited >= max(self._timeout_s, _AT_ONCE_S):
                raise _busy(busy, refs, self._timeout_s)
            whose = (busy.endpoint, busy.project_id, None if busy.holder is None else busy.holder.run_id)
            if waited >= _AT_ONCE_S and whose not in told:
                screen.note(f"Waiting up to {self._timeout_s:g} s: {_sentence(busy, refs)}.{self._plead(busy)}")
                told.add(whose)
            await stop.sleep(_BETWEEN_TRIES_S)
            stop.raise_if_set()

    def _plead(self, busy: LockState) -> str:
        """Ask whoever holds *busy* to stop, if that is wanted, and say so."""
        if self._plea is None:
            return ""
        # A holder heeds what is asked after it set out, which it may have done after this run did.
        plea = replace(self._plea, at=time.time())
        if not project_locks.request_stop(self._home, busy, plea):
            return ""
        return " It has been asked to stop; it finishes what is in flight."


def _busy(busy: LockState, refs: Sequence[TargetRef], timeout_s: float) -> BusyError:
    waited = f", and did not end within {timeout_s:g} s" if timeout_s else ""
    return BusyError(
        f"{_sentence(busy, refs)}{waited}; nothing was sent",
        hint="Let it end, or wait for it with --lock-timeout 15m. `enforcer lock` shows who holds what.",
    )


def _sentence(busy: LockState, refs: Sequence[TargetRef]) -> str:
    name = next(
        (ref.name for ref in refs if (ref.endpoint, ref.project_id) == (busy.endpoint, busy.project_id)), busy.endpoint
    )
    holder = busy.holder
    if holder is None:
        return f"another process holds the lock of {name} and has not said who it is"
    return (
        f"run {holder.run_id} holds the lock of {name}: `enforcer {holder.command}` by {holder.user} on "
        f"{holder.host}, process {holder.pid}, since {utc_text(holder.since)}"
    )

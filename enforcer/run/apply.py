"""Send the changes of a plan: a fixed number of workers, each of which tells one change's story after the other.

A worker never raises for the sake of one task, since that would cancel its neighbours' PUTs in flight.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

from enforcer.errors import ExitCode, JournalError
from enforcer.model.event import ChangeFailed, RunStopped
from enforcer.model.plan import Change
from enforcer.run.site import Conduct, Site
from enforcer.run.snapshot import Snapshot
from enforcer.run.story import Hold, Sending, Sent, Story
from enforcer.run.together import side_by_side

SPARE_S: Final = 0.0003
"""For each request in flight an answer takes at least that long where the processor has time to spare while answers are
awaited; three times what a change costs it. Where it has none, a commit while others send takes more of it than one for
which all wait together."""


async def apply(site: Site, changes: Sequence[Change], *, listed_at: float, hold: Hold) -> Sent:
    """Send *changes* in their order and return what came of them; those that are gone or wait need nothing more.

    *listed_at* is the loop's time at which their tasks were observed. What *hold* objects to is deferred. Ends early,
    with the rest not attempted, when a stop is asked for. Raises JournalError when the journal cannot record an
    intent: then nothing more is sent.
    """
    site.conduct.heed()
    pending = iter(changes)
    sending = Sending(site, hold, Snapshot(site, pending, listed_at))
    queue = _Queue(sending, (Story(sending, change) for change in pending))
    site.when_paused(queue.take_back)
    site.stop.listen(lambda _: queue.take_back("a stop was asked for first"))
    workers = min(site.ref.concurrency, len(changes))
    try:
        await side_by_side(_worker(site, queue, sending.sent) for _ in range(workers))
    finally:  # an exception may end the sending without a stop
        queue.take_back("the sending ended first")
    return sending.sent


class _Queue:
    """The stories that are not begun, in the order of their changes.

    Where nothing limits the target and answers take a while, the next ones are on record before a worker is free for
    them, as many as there are workers: they become durable while answers are awaited, so that hardly anybody waits for
    the disk. Under a rate, an intent is recorded when its turn is near, which is time enough.
    """

    def __init__(self, sending: Sending, stories: Iterator[Story]) -> None:
        self._sending = sending
        self._site = sending.site
        self._stories = stories
        self._slow_s = SPARE_S * self._site.ref.concurrency
        self._on_record: deque[Story] = deque()

    def take(self) -> Story | None:
        """Return the next story, None if there is none left."""
        if self._sending.answer_s >= self._slow_s and self._site.throttle.is_unlimited:
            self._look_ahead()
        return self._on_record.popleft() if self._on_record else next(self._stories, None)

    def take_back(self, why: str) -> None:
        """Withdraw what is on record, since it will not leave for a while."""
        for story in self._on_record:
            story.withdraw(why)

    def _look_ahead(self) -> None:
        while len(self._on_record) <= self._site.ref.concurrency and (story := next(self._stories, None)) is not None:
            story.record_ahead()
            self._on_record.append(story)


async def _worker(site: Site, queue: _Queue, sent: Sent) -> None:
    while not site.stop.is_set and (story := queue.take()) is not None:
        try:
            await story.tell()
        except JournalError as broken:
            site.conduct.stop.ask(RunStopped(exit_code=ExitCode.IO, message=broken.message, hint=broken.hint))
            raise
        except Exception as bug:  # noqa: BLE001 - one task's bug must not end the others' requests
            sent.failed.append(story.change)
            _record_bug(site.conduct, story.change, bug)


def _record_bug(conduct: Conduct, change: Change, bug: Exception) -> None:
    conduct.bugs.append(bug)
    conduct.recorder.emit(
        ChangeFailed(
            target=change.task.target,
            task_id=change.task.task_id,
            failure="internal",
            message=f"a bug in enforcer: {type(bug).__name__}",
        )
    )

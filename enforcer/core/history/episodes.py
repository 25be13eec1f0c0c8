"""What the events of one run say of one task."""

from collections.abc import Iterable, Iterator

from enforcer.core.fold.task_tally import ChangeEvent, TaskTally
from enforcer.core.text.moment import utc_text
from enforcer.model.episode import Episode
from enforcer.model.event import ChangePlanned, Entry, RunStarted


def episodes(started: RunStarted, entries: Iterable[Entry]) -> Iterator[Episode]:
    """Yield what became of the task in the run that *started* tells of, by target.

    *entries* are the run's events of one task, in order; those of no planned change are passed over.
    """
    tallies: dict[str, tuple[float, TaskTally]] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, ChangePlanned):
            tallies.setdefault(event.target, (entry.at, TaskTally(planned=event)))
        elif isinstance(event, ChangeEvent) and event.target in tallies:
            tallies[event.target][1].take(event, entry.at)
    for at, tally in tallies.values():
        planned = tally.planned
        yield Episode(
            at=utc_text(at),
            task_id=planned.task_id,
            task_name=planned.task_name,
            target=planned.target,
            before=planned.before,
            desired=planned.desired,
            rule=planned.rule,
            state=tally.state,
            reason=tally.reason,
            run_id=started.run_id,
            command=started.command,
            user=started.user,
            host=started.host,
        )

"""The reports of two runs of a policy -> what is new in the later one, and whether that is worth telling. Pure."""

from enforcer.core.history.difference import SET, difference
from enforcer.model.difference import Difference
from enforcer.model.news import News
from enforcer.model.notify import Notify
from enforcer.model.report.run import Report


def news(earlier: Report | None, later: Report) -> News:
    """Return what *later* has that *earlier*, the run before it, had not. Without an earlier one, all of it is new.

    That what the earlier run set is still set is no news: it was told when it was set.
    """
    if earlier is None:
        return News(is_new=True)
    found = difference(earlier, later)
    has_ended_otherwise = earlier.exit != later.exit
    return News(
        before=earlier.exit,
        has_ended_otherwise=has_ended_otherwise,
        difference=found,
        is_new=has_ended_otherwise or _tells_something(found),
    )


def is_due(notify: Notify, found: News) -> bool:
    """Return whether people are to be told of a run in which *found* is new."""
    return notify is Notify.ALWAYS or (notify is Notify.CHANGE and found.is_new)


def _tells_something(found: Difference) -> bool:
    mended = [task for task in found.fixed if task.state not in SET]
    return bool(
        found.newly_drifting
        or found.drifting_again
        or found.newly_failing
        or found.newly_contested
        or found.not_compared
        or mended
    )

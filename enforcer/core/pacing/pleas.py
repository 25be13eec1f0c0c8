"""Whether a run heeds somebody who asks the holder of its lock to stop."""

from enforcer.errors import ExitCode
from enforcer.model.event import RunStopped
from enforcer.model.lock import Holder, StopRequest


def heeded(request: StopRequest, holder: Holder) -> RunStopped | None:
    """Return the stop that *request* comes to for *holder*; None if it was meant for an earlier one, or is its own."""
    if request.at < holder.since or request.by_run == holder.run_id:
        return None
    return RunStopped(
        exit_code=ExitCode.ABORTED,
        message=f"{request.who} asked for a stop: {request.why}",
        hint="Run the same command again to do the rest, when the reason has passed.",
    )

"""A run over connected sites, from its connections and locks to its exit code. `plan` and `apply` share it."""

import asyncio
import gc
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial

from enforcer.cli.runs import in_force
from enforcer.cli.runs.errands import Errand
from enforcer.cli.runs.identity import holder, started
from enforcer.cli.runs.locking import Locking
from enforcer.cli.targets import Place
from enforcer.cli.wiring.recorded_tasks import history
from enforcer.core.fold.summary import Summary
from enforcer.core.fold.verdict import discrepancies, verdict
from enforcer.errors import EnforcerError, ExitCode, JournalError
from enforcer.model.event import RunFinished, RunStopped, TargetFailed, TargetRef
from enforcer.ports import TaskApi
from enforcer.run.heeding import heeding
from enforcer.run.recording import Recorder
from enforcer.run.site import Conduct, Site
from enforcer.run.stopping import Interrupted, Stop
from enforcer.run.throttle import PacedThrottle

Work = Callable[[Sequence[Site], Conduct], Awaitable[object]]


async def carry_out(
    errand: Errand, recorder: Recorder, stop: Stop, work: Work, *, locking: Locking | None = None
) -> None:
    """Connect the places of *errand*, tell the recorder who sets out, and await *work* on those that connected.

    A place that cannot be connected is recorded as failed; the others go on. A journal that fails stops the run. A
    bug in one task does not: the first of them is raised when the work is done. With *locking*, the locks of the
    connected places are taken before the run is recorded; raises BusyError if they cannot be had.
    """
    conduct = Conduct(
        recorder=recorder,
        stop=stop,
        jitter=random.random,
        settle_s=errand.settle_s,
        history=partial(history, errand.home),
        overrides=in_force.Standing(errand.policy, errand.home, but=errand.lifting),
        objection=_no_objection if locking is None else locking.objection,
    )
    async with AsyncExitStack() as open_sites:
        open_sites.callback(recorder.pass_on)
        refs = [place.ref(None) for place in errand.places]
        try:
            sites, refs, failures = await _connected(errand, conduct, open_sites)
            if locking is not None:
                with suppress(Interrupted):
                    await locking.take([site.ref for site in sites if not site.ref.only_seen], holder(errand), stop)
        except asyncio.CancelledError:
            _begin(errand, refs, recorder, stop)
            raise
        _begin(errand, refs, recorder, stop)
        for failure in failures:
            recorder.emit(failure)
        # All that is loaded by now stays to the end.
        gc.freeze()
        if sites and not stop.is_set:
            try:
                async with heeding(conduct):
                    await work(sites, conduct)
            except JournalError as broken:
                _stop_without_record(broken, conduct)
    if conduct.bugs:
        raise conduct.bugs[0]


def _begin(errand: Errand, refs: Sequence[TargetRef], recorder: Recorder, stop: Stop) -> None:
    recorder.emit(started(errand, refs))
    stop.listen(recorder.emit)


def _stop_without_record(broken: JournalError, conduct: Conduct) -> None:
    """Have it on record, as far as that goes, that the run ended because it could not be recorded."""
    cause = RunStopped(exit_code=broken.exit_code, message=broken.message, hint=broken.hint)
    conduct.stop.ask(cause)
    if conduct.stop.cause is None or conduct.stop.cause.exit_code != cause.exit_code:
        conduct.recorder.emit(cause)


def _no_objection() -> None:
    """Nothing is locked, so nothing can be lost."""


def finish(recorder: Recorder, account: Summary) -> ExitCode:
    """Record how the run ended, judged by its *account*, and return it; the account is up to date then."""
    recorder.pass_on()
    report = account.report()
    for sentence in discrepancies(report):
        recorder.emit(RunStopped(exit_code=ExitCode.SOFTWARE, message=sentence, hint="This is a bug in enforcer."))
    code = verdict(report)
    totals = report.totals
    recorder.emit(
        RunFinished(
            exit_code=code,
            exit_name=code.label,
            unsettled=totals.unknown + totals.acked,
            changed=totals.verified + totals.acked,
            failed=totals.failed + totals.mismatch + totals.unknown,
        )
    )
    recorder.pass_on()
    return code


async def _connected(
    errand: Errand, conduct: Conduct, open_sites: AsyncExitStack
) -> tuple[list[Site], list[TargetRef], list[TargetFailed]]:
    sites: list[Site] = []
    refs: list[TargetRef] = []
    failures: list[TargetFailed] = []
    for place in errand.places:
        try:
            async with conduct.stop.interrupts():
                api, project_id = await open_sites.enter_async_context(errand.cloud.connect(place))
        except Interrupted:
            refs.append(place.ref(None))
            continue
        except EnforcerError as error:
            refs.append(place.ref(None))
            failures.append(
                TargetFailed(target=place.name, exit_code=error.exit_code, message=error.message, hint=error.hint)
            )
            continue
        refs.append(place.ref(project_id))
        sites.append(_site(place, refs[-1], api, conduct))
    return sites, refs, failures


def _site(place: Place, ref: TargetRef, api: TaskApi, conduct: Conduct) -> Site:
    stop = conduct.stop.child()
    stop.listen(lambda _: api.hush())
    throttle = PacedThrottle(place.name, place.rate, stop, emit=conduct.recorder.emit, jitter=conduct.jitter)
    return Site(ref=ref, api=api, throttle=throttle, conduct=conduct, stop=stop)


def wall_clock() -> float:
    """Return Unix time in seconds."""
    return time.time()

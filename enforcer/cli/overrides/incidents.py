"""From an incident's name to its run, and to what has become of it since."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from enforcer.cli.flags import flagged
from enforcer.cli.lookups import listing
from enforcer.cli.overrides import overriding
from enforcer.cli.runs import applying, conducting, errands, in_force, remembered, revisiting, telling
from enforcer.cli.runs.errands import Errand, Terms
from enforcer.cli.state import Home
from enforcer.cli.tables import incident_tables
from enforcer.cli.terminal import author, screen
from enforcer.cli.terminal.progress import Log
from enforcer.cli.wiring import recorded_overrides, recorded_runs, recorded_tasks
from enforcer.cli.wiring.cloud import Cloud
from enforcer.cli.wiring.documents import load_policy
from enforcer.core.fold.summary import fold
from enforcer.core.overrides import incident, ledger
from enforcer.core.overrides.incident import Incident, IncidentState
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.patterns.selection import Selection
from enforcer.core.planning.plan import PolicyPlanner
from enforcer.errors import EnforcerError, UsageError
from enforcer.model.lock import StopRequest
from enforcer.model.override import Added, Override
from enforcer.model.plan import Latitude
from enforcer.ports import Sink
from enforcer.run.clock import utc_now
from enforcer.run.enforce import Wish, enforce_apart

START: Final = "incident start"
_LOCK_TIMEOUT_S: Final = 300
"""How long it waits for a run that is under way to finish what is in flight."""
_SETTLE_S: Final = 20
"""How long the read-back waits for a change to show."""


def find(home: Home, name: str) -> Incident | None:
    """Return the incident called *name*, None if there is none. Raises JournalError."""
    override = next((each for each in recorded_overrides.stored(home) if each.id == name), None)
    if override is None:
        return None
    if override.run_id is None:
        raise UsageError(
            f"{name} is an override and no incident", hint="See it: enforcer override list. Choose another name."
        )
    try:
        entries = recorded_runs.events(home, override.run_id)
    except UsageError:
        return Incident(override=override, report=None, policy_path=None)
    started = revisiting.started(home, override.run_id)
    return Incident(override=override, report=fold(entries), policy_path=started.policy_path)


def get(home: Home, name: str) -> Incident:
    """Return the incident called *name*; raise UsageError if there is none."""
    found = find(home, name)
    if found is None:
        raise UsageError(f"there is no incident {name!r}", hint="`enforcer incident list` shows those there are.")
    return found


def only_one(home: Home) -> str:
    """Return the name of the one incident in force; raise UsageError if there is none, or more than one."""
    now = utc_now()
    names = [each.id for each in known(home) if each.is_in_force(now)]
    if len(names) != 1:
        said = f"{len(names)} incidents are in force: {', '.join(names)}" if names else "no incident is in force"
        raise UsageError(said, hint="Name one. `enforcer incident list` shows those there were.")
    return names[0]


def known(home: Home) -> tuple[Override, ...]:
    """Return the override of every incident, the newest first. Raises JournalError."""
    return tuple(each for each in reversed(recorded_overrides.stored(home)) if each.run_id is not None)


def prepare(
    name: str, policy_path: str, patterns: Sequence[str], flags: Mapping[str, Any], home: Home
) -> tuple[Errand, Override]:
    """Return the run that starts the incident *name*, and its override; nothing has happened yet.

    Raises PolicyError, ConfigError or UsageError.
    """
    began = utc_now()
    pace = flagged.pace(flags)
    policy = errands.with_flags(load_policy(policy_path), pace)
    described = overriding.new(patterns, flags, began)
    errand = errands.errand(
        START,
        policy,
        Path(policy_path).absolute(),
        flagged.connection(flags),
        began=began,
        home=home,
        wish=lambda: Wish(
            planner=PolicyPlanner(
                policy=CompiledPolicy(policy),
                overrides=in_force.overrides(policy, home),
                selection=Selection(patterns),
                now=utc_now(),
            ),
            limits=incident.without_guards(policy.limits),
            latitude=Latitude(break_glass=f"incident {name}: {described.reason}"),
        ),
        only=tuple(patterns),
        flags=pace.flags,
        settle_s=_SETTLE_S,
    )
    override = replace(described, id=name, run_id=errand.run_id)
    ledger.check(override, longest_s=policy.limits.override_max_ttl_s)
    # A target that is hard to reach must not hold up the others.
    return replace(errand, enforce=enforce_apart), override


def hold(override: Override, terms: Terms) -> bool:
    """Record *override*, whatever it contradicts; return whether there was none of its name. Raises JournalError.

    An incident is not the time to sort out who asked for auto: of two, the safer counts.
    """

    def add(there: Sequence[Override]) -> list[Added]:
        taken = any(each.id == override.id for each in there)
        return [] if taken else [Added(at=override.created, by=ledger.person(override), override=override)]

    return bool(recorded_overrides.amend(terms.home, add, any_file_system=terms.any_file_system))


def start(errand: Errand, override: Override, sink: Log, flags: Mapping[str, Any]) -> int:
    """Carry out *errand*, show in one screen what it came to, and return the exit code.

    Raises what ended the run, once that is out.
    """
    terms = replace(
        flagged.terms(flags),
        plea=StopRequest(
            who=ledger.person(override),
            why=f"incident {override.id}",
            at=conducting.wall_clock(),
            by_run=errand.run_id,
        ),
    )
    if flags["lock_timeout"] is None:
        terms = replace(terms, lock_timeout_s=_LOCK_TIMEOUT_S)
    folder = errand.home.run_folder(errand.run_id)
    try:
        outcome = applying.apply(errand, terms, sink, report_dir=folder, asks=False, colors=flagged.colors(flags))
    except EnforcerError:
        screen.note(f"Incident {override.id} holds its tasks, but nothing was sent.")
        screen.note(incident_tables.send_it(override, str(errand.policy_path), errand.flags))
        raise
    screen.show(incident_tables.started(override, outcome.report, str(errand.policy_path), utc_now()))
    telling.tell(errand, outcome, sink)
    if outcome.error is not None:
        raise outcome.error
    return outcome.code


class Ending:
    """The end of an incident's *override*, which may come late in a command, or not at all."""

    def __init__(self, override: Override, terms: Terms) -> None:
        self._override = override
        self._terms = terms
        self._was_in_force: bool | None = None

    def end(self) -> None:
        """End it now, unless it is over; once is enough. Raises JournalError."""
        if self._was_in_force is not None:
            return
        now = utc_now()
        if self._override.is_in_force(now):
            recorded_overrides.amend(
                self._terms.home,
                lambda there: [ledger.end(self._override.id, there, now=now, by=author.person())],
                any_file_system=self._terms.any_file_system,
            )
        self._was_in_force = self._override.is_in_force(now)

    @property
    def said(self) -> str:
        """What came of it, in a sentence."""
        if self._was_in_force:
            return f"Incident {self._override.id} is ended: runs follow the policy again."
        if self._override.is_in_force(utc_now()):
            return f"Incident {self._override.id} is as it was: nothing was ended."
        return f"Incident {self._override.id} was over already."


def look(found: Incident, flags: Mapping[str, Any], home: Home, sink: Sink) -> IncidentState | None:
    """Return what has become of the tasks of *found*, as they are listed now; None if its run did not come to begin.

    Raises NotListedError if they cannot be listed, ConfigError or UsageError if it cannot be told how, JournalError.
    """
    if found.report is None or found.policy_path is None or found.override.run_id is None:
        return None
    started = revisiting.started(home, found.override.run_id)
    policy = load_policy(found.policy_path)
    connection = flagged.connection(flags)
    errand = Errand(
        run_id=errands.new_run_id(utc_now()),
        began_at=conducting.wall_clock(),
        command="incident status",
        policy=policy,
        policy_path=Path(found.policy_path),
        wish=listing.wishes_for_nothing,
        only=(),
        places=remembered.places(started, policy, connection),
        cloud=Cloud(connection),
        home=home,
        settle_s=0,
    )
    tasks = listing.look(errand, sink).tasks
    authors = recorded_tasks.authors_since(home, found.override.created.timestamp(), but=found.override.run_id)
    return incident.compare(found.override, found.report, tasks, CompiledPolicy(policy), authors)

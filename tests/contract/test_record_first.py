"""The journal has it before the server does: the whole plan before the first PUT, and each intent before its PUT.

With the real journal, read by a connection of its own, as another process would after a power cut.
"""

from pathlib import Path

from msgspec.structs import replace

from enforcer.errors import JournalError
from enforcer.journal import reader
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.writer import JournalWriter
from enforcer.model.event import ChangeAttempted, ChangePlanned, Event, PlanBuilt
from enforcer.model.limits import Budget, Limits
from enforcer.model.rule import PolicyMode
from enforcer.run.enforce import enforce
from enforcer.run.recording import Recorder
from enforcer.run.settle import NO_PAST
from tests import builders as b
from tests.fakes import FakeApi, Notebook, a_site
from tests.wishes import a_policy, a_task, a_wish

TASKS = [a_task(f"t{number}") for number in range(60)]


async def yes(_plans) -> bool:
    return True


async def carried_out(state_dir: Path, api: FakeApi) -> None:
    notes = Notebook()
    with JournalWriter(SqliteStore(state_dir), print) as journal:
        recorder = Recorder(journal, (), lambda: b.STARTED_AT)
        site = a_site(api, notes, concurrency=8)
        site = replace(site, conduct=replace(notes.conduct, recorder=recorder))
        recorder.emit(replace(b.a_run_started(), targets=(site.ref,)))
        wish = a_wish(a_policy(default=PolicyMode.AUTO), limits=Limits(to_auto=Budget()))
        await enforce([site], wish, site.conduct, past=NO_PAST, confirm=yes)


def on_disk(state_dir: Path) -> list[Event]:
    return [entry.event for entry in reader.events(SqliteStore(state_dir), b.RUN_ID)]


async def test_the_whole_plan_is_on_disk_before_the_first_put_and_every_intent_before_its_own(tmp_path: Path):
    plans_were_whole: list[bool] = []
    intents_were_there: list[bool] = []

    def look(task_id: str) -> None:
        found = on_disk(tmp_path)
        planned = {event.task_id for event in found if isinstance(event, ChangePlanned)}
        plans_were_whole.append(
            planned == {task.task_id for task in TASKS} and any(isinstance(event, PlanBuilt) for event in found)
        )
        intents_were_there.append(any(isinstance(e, ChangeAttempted) and e.task_id == task_id for e in found))

    await carried_out(tmp_path, FakeApi.of(TASKS, before_put=look))

    assert plans_were_whole == [True] * len(TASKS)
    assert intents_were_there == [True] * len(TASKS)


async def test_a_disk_that_fails_sends_nothing_of_which_there_is_no_record(tmp_path: Path, monkeypatch):
    api = FakeApi.of(TASKS)
    commit, commits = JournalWriter._write, iter(range(6))

    def failing(self, entries) -> None:
        if next(commits, None) is None:
            raise OSError("Input/output error")
        commit(self, entries)

    monkeypatch.setattr(JournalWriter, "_write", failing)
    try:
        await carried_out(tmp_path, api)
    except JournalError:
        pass
    else:
        raise AssertionError("the failure was not noticed")

    intents = {event.task_id for event in on_disk(tmp_path) if isinstance(event, ChangeAttempted)}
    assert 0 < len(api.puts) < len(TASKS)
    assert {task_id for task_id, _ in api.puts} <= intents

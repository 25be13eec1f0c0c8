"""Mistakes made on purpose, one at a time, each in a copy of the tree: the suite has to notice. `make mutants`.

A mutant that no test kills shows a promise that nothing holds. Each names the tests that are to kill it, so that all of
them take minutes; they run in the copy, and so do not go through the installed command.
"""

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MODEL = "tests/chaos/test_model.py"
MUTANTS = (
    Mutant(
        name="a request leaves before its intent is durable",
        file="enforcer/run/story.py",
        old="            await self._site.conduct.recorder.durable(intent)\n",
        new="            pass\n",
        tests=(MODEL, "tests/contract/test_record_first.py"),
    ),
    Mutant(
        name="an intent counts as durable before its commit",
        file="enforcer/journal/writer.py",
        old="self._durable = entries[-1].seq",
        new="self._durable = entries[-1].seq + 100",
        tests=("tests/unit/journal/test_writer.py",),
    ),
    Mutant(
        name="what is on record ahead of its turn stays there in a pause",
        file="enforcer/run/site.py",
        old="                listener(_PAUSED)",
        new="                pass",
        tests=("tests/property/test_intents.py",),
    ),
    Mutant(
        name="a commit need not reach the disk",
        file="enforcer/journal/sqlite/file.py",
        old='"synchronous = FULL"',
        new='"synchronous = NORMAL"',
        tests=("tests/unit/journal/test_file.py",),
    ),
    Mutant(
        name="a redirect counts as taken",
        file="enforcer/dcs/api/wire.py",
        old="frozenset({200, 202, 204})",
        new="frozenset({200, 202, 204, 301, 302, 303, 307, 308})",
        tests=("tests/contract/test_dcs_protocol.py", "tests/unit/dcs/api/test_wire.py"),
    ),
    Mutant(
        name="a 429 costs an attempt",
        file="enforcer/core/pacing/retry.py",
        old="FREE: Final = frozenset({FailureKind.THROTTLED, FailureKind.RENEWED})",
        new="FREE: Final = frozenset({FailureKind.RENEWED})",
        tests=("tests/unit/core/pacing/test_retry.py",),
    ),
    Mutant(
        name="a bug of one worker is passed over",
        file="enforcer/run/together.py",
        old="            raise result\n",
        new="            continue\n",
        tests=("tests/unit/run/test_apply.py", MODEL),
    ),
    Mutant(
        name="a journal that fails for one worker cuts off what the others hear",
        file="enforcer/run/together.py",
        old="""    for result in await asyncio.gather(*coroutines, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
        done.append(result)
    return done
""",
        new="""    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in coroutines]
    except* Exception as broken:
        raise broken.exceptions[0] from None
    return done + [task.result() for task in tasks]
""",
        tests=("tests/unit/run/test_apply.py",),
    ),
    Mutant(
        name="what the library calls a status is one",
        file="enforcer/dcs/network/mishaps.py",
        old="            return _garbage(call)\n",
        new="            return Failure(kind=FailureKind.REJECTED, message=str(error), http_status=400)\n",
        tests=("tests/contract/test_dcs_protocol.py",),
    ),
    Mutant(
        name="the waves after the canary go out whatever became of it",
        file="enforcer/run/rollout.py",
        old="        if objections:\n            await read_back(site, sent)",
        new="        if False:\n            await read_back(site, sent)",
        tests=("tests/unit/run/test_rollout.py",),
    ),
    Mutant(
        name="a run that failed counts as the last success",
        file="enforcer/journal/register.py",
        old="        AND CAST(json_extract(finish.body, '$.exit_code') AS integer) = 0\n",
        new="",
        tests=("tests/unit/journal/test_register.py",),
    ),
    Mutant(
        name="nobody says that the log of a dead run lost its end",
        file="enforcer/journal/sqlite/marks.py",
        old="        if found >= number:\n",
        new="        if True:\n",
        tests=("tests/unit/journal/test_marks.py",),
    ),
    Mutant(
        name="a mark is set before what it vouches for is on disk",
        file="enforcer/journal/writer.py",
        old="""        if run_id is not None and len(entries) <= rows.ROWS_AT_ONCE:
""",
        new="""        if run_id is not None:
            self._session.mark(run_id, entries[-1].seq)
        if run_id is not None and len(entries) <= rows.ROWS_AT_ONCE:
""",
        tests=("tests/unit/journal/test_marks.py",),
    ),
    Mutant(
        name="undo takes back what a later run has set",
        file="enforcer/core/planning/undo.py",
        old="        if (later := self.set_since.get(task.task_id)) is not None:",
        new="        if (later := None) is not None:",
        tests=("tests/unit/core/planning/test_revisit.py",),
    ),
    Mutant(
        name="of two equal names in an answer the last one counts",
        file="enforcer/dcs/api/bodies.py",
        old="        if not _is_all_of(value, body):",
        new="        if value is NotImplemented:",
        tests=("tests/unit/dcs/api/test_bodies.py", "tests/property/test_wire.py"),
    ),
    Mutant(
        name="any task id goes into a path",
        file="enforcer/dcs/api/wire.py",
        old="    return _SAFE_ID.fullmatch(text) is not None",
        new="    return bool(text)",
        tests=("tests/property/test_wire.py", "tests/unit/dcs/api/test_wire.py"),
    ),
    Mutant(
        name="a lock file that was replaced is as good as the one that was locked",
        file="enforcer/journal/sqlite/lock.py",
        old="    return os.path.samestat(named, os.fstat(descriptor))",
        new="    return named is not None",
        tests=("tests/unit/journal/test_lock.py",),
    ),
    Mutant(
        name="a commit need not be durable on the server",
        file="enforcer/journal/postgres/connection.py",
        old='    if commit in {"off", "local"}:',
        new='    if commit == "":',
        tests=("tests/unit/journal/test_postgres.py",),
    ),
    Mutant(
        name="a lock whose connection is lost is held all the same",
        file="enforcer/journal/postgres/lock.py",
        old="            return RunStopped(\n",
        new="            return None\n            return RunStopped(\n",
        tests=("tests/unit/journal/test_postgres.py",),
    ),
    Mutant(
        name="a refused key is tried again and again",
        file="enforcer/dcs/api/failures.py",
        old="        return FailureKind.DENIED",
        new="        return FailureKind.TRANSIENT",
        tests=("tests/unit/dcs/api/test_failures.py",),
    ),
    Mutant(
        name="what was sent a moment ago is called not applied",
        file="enforcer/core/history/recovery.py",
        old="    if is_fresh:",
        new="    if False:",
        tests=("tests/unit/core/history/test_recovery.py",),
    ),
    Mutant(
        name="a dead run is not marked",
        file="enforcer/run/settle.py",
        old="if earlier.died and not earlier.is_marked:",
        new="if False:",
        tests=("tests/unit/run/test_settle.py", MODEL),
    ),
    Mutant(
        name="undo takes back what has moved since",
        file="enforcer/core/planning/undo.py",
        old="        if task.resume_mode is not was.desired:",
        new="        if False:",
        tests=("tests/unit/core/planning/test_revisit.py",),
    ),
    Mutant(
        name="resume does again what was done",
        file="enforcer/core/planning/resume.py",
        old="        if was.state is State.VERIFIED:",
        new="        if False:",
        tests=("tests/unit/core/planning/test_revisit.py", MODEL),
    ),
    Mutant(
        name="a change whose answer was lost is sent again unread",
        file="enforcer/run/story.py",
        old="        if not (self._may_have_happened and failure.kind in AMBIGUOUS):",
        new="        if True:",
        tests=("tests/unit/run/test_apply.py", MODEL),
    ),
)


def survives(mutant: Mutant) -> bool:
    """Return whether the tests of *mutant* pass in spite of it; raise ValueError if it cannot be made."""
    with copied() as tree:
        path = tree / mutant.file
        text = path.read_text(encoding="utf-8")
        if mutant.old not in text:
            raise ValueError(f"{mutant.file} has no {mutant.old!r} any more")
        changed = text.replace(mutant.old, mutant.new)
        compile(changed, mutant.file, "exec")
        path.write_text(changed, encoding="utf-8")
        return pass_in(tree, mutant.tests)


@contextlib.contextmanager
def copied() -> Iterator[Path]:
    """Yield a copy of the tree, without what tools have left in it."""
    with tempfile.TemporaryDirectory(prefix="enforcer-mutant-") as folder:
        left = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", "build", "__pycache__")
        yield shutil.copytree(ROOT, Path(folder) / "tree", ignore=left)


def pass_in(tree: Path, tests: Iterable[str]) -> bool:
    line = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    return subprocess.run(line, cwd=tree, capture_output=True, check=False).returncode == 0


def main() -> int:
    with copied() as tree:
        if not pass_in(tree, sorted({test for mutant in MUTANTS for test in mutant.tests})):
            print("The tests do not pass as they are, so they tell nothing of mutants.")
            return 1
    alive = 0
    for mutant in MUTANTS:
        lives = survives(mutant)
        alive += lives
        print(f"{'ALIVE ' if lives else 'killed'}  {mutant.name}", flush=True)
    print(f"{len(MUTANTS) - alive} of {len(MUTANTS)} mutants killed")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())

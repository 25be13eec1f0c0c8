"""An incident through the installed command: manual at once, whatever is in the way, and the way back."""

import shlex

import pytest

from enforcer.journal.sqlite import lock
from enforcer.model.lock import Holder
from enforcer.simulator.inventory import wanted
from tests.command import finished
from tests.e2e import policies
from tests.e2e.terminal import on_terminal
from tests.e2e.test_stopping import until
from tests.simulated import simulator

REASON = "Source CPU at 95 %"
NAME = "INC-4211"


def start(enforcer, policy, cloud, *more, match="pay-*", env=None):
    return enforcer(
        *("incident", "start", NAME, policy, "--match", match, "--for", "6h", "--reason", REASON),
        *more,
        env=env or cloud.env,
    )


def modes(cloud, beginning="pay-"):
    return {task["task_id"]: task["resume_mode"] for task in eligible(cloud) if task["task_name"].startswith(beginning)}


def eligible(cloud):
    return [task for task in cloud.tasks() if wanted(task)]


def status(enforcer, *more, env=None):
    outcome = enforcer("incident", "status", NAME, "--format", "json", *more, env=env)
    return outcome.code, outcome.json()


@pytest.fixture
def cloud():
    with simulator(tasks=60, drift=0) as running:
        yield running


def test_the_tasks_are_manual_at_once_past_every_budget_and_nothing_else_is_touched(enforcer, cloud):
    policy = enforcer.policy(
        policies.nightly().replace("to_manual: {max: unlimited, per_day: unlimited}", "to_manual: {max: 0}")
    )
    others = {task["task_id"]: task["resume_mode"] for task in cloud.tasks() if task["task_id"] not in modes(cloud)}

    outcome = start(enforcer, policy, cloud)

    count = len(modes(cloud))
    assert 0 == outcome.code, outcome
    assert {"manual"} == set(modes(cloud).values())
    assert modes(cloud).keys() == policies.modes_sent(cloud).keys()
    assert others.items() <= {task["task_id"]: task["resume_mode"] for task in cloud.tasks()}.items()
    assert f"{count} tasks held: {count} set and read back, 0 manual already." in outcome.out
    assert len(outcome.out.splitlines()) <= 24, "one screen"


def test_the_nightly_run_changes_nothing_that_an_incident_set(enforcer, cloud):
    policy = enforcer.policy(policies.nightly())
    assert 0 == start(enforcer, policy, cloud).code
    sent = len(cloud.puts())

    for _ in range(2):
        assert 0 == enforcer("apply", policy, "--yes", "--break-glass", "in a hurry", env=cloud.env).code

    assert sent == len(cloud.puts())
    assert {"manual"} == set(modes(cloud).values())


def test_a_run_under_way_is_asked_to_stop_and_the_incident_goes_on_when_it_has(enforcer):
    policy = enforcer.policy(policies.nightly(rate="5/s"))
    with (
        simulator(tasks=60, drift=1.0) as cloud,
        enforcer.started("apply", policy, "--yes", env=cloud.env) as nightly,
    ):
        until(lambda: len(cloud.puts()) >= 2)
        outcome = start(enforcer, policy, cloud, "--rate", "200/s")
        stopped = finished(nightly)

        assert 0 == outcome.code, outcome
        assert "It has been asked to stop" in outcome.err
        assert 5 == stopped.code, stopped
        assert f"incident {NAME}" in stopped.out
        assert {"manual"} == set(modes(cloud).values())


def test_a_second_start_shows_the_first_and_changes_nothing(enforcer, cloud):
    policy = enforcer.policy(policies.nightly())
    assert 0 == start(enforcer, policy, cloud).code
    cloud.edit(next(iter(modes(cloud))), resume_mode="auto")
    sent, before = len(cloud.puts()), enforcer("incident", "list", "--format", "json").json()

    again = start(enforcer, policy, cloud, match="*")

    assert 0 == again.code, again
    assert again.out.startswith(f"Nothing is changed: there is an incident {NAME} already.")
    assert sent == len(cloud.puts())
    assert before == enforcer("incident", "list", "--format", "json").json()


def test_a_name_that_was_used_before_starts_nothing_and_says_so(enforcer, cloud):
    policy = enforcer.policy(policies.nightly())
    assert 0 == start(enforcer, policy, cloud).code
    assert 0 == enforcer("incident", "end", NAME, "--yes", env=cloud.env).code

    again = start(enforcer, policy, cloud)

    assert 64 == again.code, again
    assert "it is over" in again.out
    assert "leaves these tasks so" not in again.out
    assert f"another name, like {NAME}-2" in again.err


def test_a_pattern_that_fits_no_task_is_pointed_out(enforcer, cloud):
    outcome = start(enforcer, enforcer.policy(policies.nightly()), cloud, match="pya-*")

    assert 0 == outcome.code, outcome
    assert "No task that may be changed fits pya-*. See their names: enforcer tasks " in outcome.out


def test_the_commands_that_it_shows_lead_to_the_same_state_directory(enforcer, cloud):
    place = ("--state-dir", enforcer.folder / "other state")
    shown = start(enforcer, enforcer.policy(policies.nightly()), cloud, *place).out

    for label in ("Look", "Way back"):
        (command,) = (line.split("enforcer ", 1)[1] for line in shown.splitlines() if line.startswith(label))
        outcome = enforcer(*shlex.split(command), *(["--yes"] if label == "Way back" else []), env=cloud.env)
        assert 0 == outcome.code, outcome
    assert {"auto"} == set(modes(cloud).values())


def test_status_tells_what_is_no_longer_so_and_who_did_it(enforcer, cloud):
    policy = enforcer.policy(policies.nightly())
    assert 0 == start(enforcer, policy, cloud).code
    by_hand, by_run, *rest = modes(cloud)
    cloud.edit(by_hand, resume_mode="auto")
    assert 0 == enforcer("override", "end", NAME).code
    assert 0 == enforcer("apply", policy, "--yes", "--only", by_run, env=cloud.env).code

    code, told = status(enforcer, env=cloud.env)
    text = enforcer("incident", "status", NAME, env=cloud.env).out

    moved = {each["task_id"]: each for each in told["state"]["moved"]}
    assert (0, len(rest)) == (code, told["state"]["still"])
    assert {by_hand, by_run} == moved.keys()
    assert None is moved[by_hand]["author"]
    assert "apply" == moved[by_run]["author"]["command"]
    assert enforcer.runs()[0]["run_id"] == moved[by_run]["author"]["run_id"]
    assert "nobody whom the journal knows" in text
    assert len(text.splitlines()) <= 24, "one screen"


def test_the_way_back_restores_what_is_still_as_it_was_set_and_lists_the_rest(enforcer, cloud):
    policy = enforcer.policy(policies.nightly())
    before = modes(cloud)
    assert 0 == start(enforcer, policy, cloud).code
    elsewhere = {"HW_REGION_NAME": "", "ENFORCER_ENDPOINT": "", "HUAWEICLOUD_SDK_PROJECT_ID": ""}
    moved, gone, *_ = before
    cloud.edit(moved, resume_mode="auto")
    cloud.edit(gone, status="TERMINATED")

    outcome = enforcer("incident", "end", NAME, "--restore", "--yes", env=cloud.env | elsewhere)

    assert 0 == outcome.code, outcome
    assert before.items() - {(gone, "auto")} == {
        (task_id, mode) for task_id, mode in modes(cloud).items() if task_id != gone
    }
    assert "moved since" in outcome.out
    assert 0 == enforcer("plan", policy, "--detailed-exitcode", env=cloud.env).code
    assert "over already" in enforcer("incident", "end", NAME).err


def test_the_way_back_asks_before_it_ends_anything(enforcer, cloud):
    policy = enforcer.policy(policies.nightly())
    assert 0 == start(enforcer, policy, cloud).code

    assert 64 == enforcer("incident", "end", NAME, "--restore", env=cloud.env).code
    elsewhere = cloud.env | {"ENFORCER_ENDPOINT": "http://127.0.0.1:1"}
    assert 64 == enforcer("incident", "end", NAME, "--restore", "--yes", env=elsewhere).code

    assert [NAME] == [each["id"] for each in enforcer("override", "list", "--format", "json").json()]


def test_no_to_the_way_back_leaves_the_incident_as_it_was_and_yes_ends_it(enforcer, cloud):
    policy = enforcer.policy(policies.nightly())
    before = modes(cloud)
    assert 0 == start(enforcer, policy, cloud).code

    for answer, code, there in (("n", 4, [NAME]), ("y", 0, [])):
        with on_terminal(enforcer, "incident", "end", NAME, "--restore", env=cloud.env) as terminal:
            terminal.until_shown(r"now\? \[y/N\]")
            assert [NAME] == [each["id"] for each in enforcer("override", "list", "--format", "json").json()]
            terminal.type(f"{answer}\n")
            outcome = terminal.finished()
        assert code == outcome.code, outcome
        assert there == [each["id"] for each in enforcer("override", "list", "--format", "json").json()]

    assert before == modes(cloud)


def test_the_way_back_stays_within_the_budgets(enforcer, cloud):
    policy = enforcer.policy(policies.nightly(to_auto=1))
    assert 0 == start(enforcer, policy, cloud).code

    outcome = enforcer("incident", "end", NAME, "--restore", "--yes", env=cloud.env)

    assert 4 == outcome.code, outcome
    assert {"manual"} == set(modes(cloud).values())
    assert "is as it was: nothing was ended" in outcome.err
    assert [NAME] == [each["id"] for each in enforcer("override", "list", "--format", "json").json()]
    assert f"way back again: enforcer incident end {NAME} --restore" in outcome.err


def test_a_target_that_cannot_be_listed_is_named_and_the_others_are_set(enforcer, cloud):
    with simulator(tasks=4) as other:
        dead = policies.target("dead", other).replace(other.endpoint, "http://127.0.0.1:1")
    policy = enforcer.policy(policies.nightly(targets=f"targets:\n{policies.target('prod', cloud)}{dead}"))
    env = {name: value for name, value in cloud.env.items() if "ENDPOINT" not in name and "PROJECT" not in name}

    outcome = start(enforcer, policy, cloud, env=env)

    assert 3 == outcome.code, outcome
    assert "MISSED: target dead could not be listed" in outcome.out
    assert {"manual"} == set(modes(cloud).values())


def test_a_list_that_seems_too_short_keeps_nothing_from_being_set(enforcer, cloud):
    text = policies.nightly().replace("limits:\n", "limits:\n  inventory: {min_tasks: 1000}\n")
    policy = enforcer.policy(text)

    assert 4 == enforcer("plan", policy, env=cloud.env).code
    assert 0 == start(enforcer, policy, cloud).code
    assert {"manual"} == set(modes(cloud).values())


def test_what_was_cut_short_is_finished_by_the_command_that_is_shown(enforcer, cloud):
    policy = enforcer.policy(policies.nightly())

    outcome = start(enforcer, policy, cloud, "--rate", "3/s", "--deadline", "2s")
    (line,) = [line for line in outcome.out.splitlines() if line.startswith("Finish")]
    finish = shlex.split(line.removeprefix("Finish"))[1:]

    assert 5 == outcome.code, outcome
    assert {"auto", "manual"} == set(modes(cloud).values())
    assert 0 == enforcer(*finish, env=cloud.env).code
    assert {"manual"} == set(modes(cloud).values())


def test_a_run_that_does_not_let_go_in_time_ends_the_start_with_what_to_do(enforcer, cloud):
    policy = enforcer.policy(policies.nightly())
    holder = Holder(run_id="r", command="apply", user="u", host="h", pid=1, since=4e9)
    locks = lock.Locks(enforcer.state, [(cloud.endpoint, cloud.project_id)], holder)
    assert None is locks.take()

    outcome = start(enforcer, policy, cloud, "--lock-timeout", "1s")
    locks.release()
    (line,) = [line for line in outcome.err.splitlines() if line.startswith("To set its tasks")]
    again = start(enforcer, policy, cloud)
    send = shlex.split(line.partition("enforcer ")[2].replace("POLICY", str(policy)))

    assert 75 == outcome.code, outcome
    assert [] == cloud.puts()
    assert "did not come to begin" in again.out
    assert 0 == enforcer(*send, env=cloud.env).code
    assert {"manual"} == set(modes(cloud).values())


def test_what_cannot_be_sent_is_held_all_the_same(enforcer, cloud):
    policy = enforcer.policy(policies.nightly())
    nowhere = cloud.env | {"ENFORCER_ENDPOINT": "http://127.0.0.1:1"}

    outcome = start(enforcer, policy, cloud, env=nowhere)

    assert 69 == outcome.code, outcome
    assert "To set its tasks: enforcer apply " in outcome.out
    assert 0 == enforcer("apply", policy, "--yes", env=cloud.env).code
    assert {"manual"} == set(modes(cloud).values())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--reason", "short"), "at least 10 characters"),
        (("--for", "73h"), "the longest is 72 h"),
        (("--until", "2100-01-01T00:00:00Z"), "exactly one of --for and --until"),
        (("--match", "[x"), "never closed"),
    ],
    ids=["reason", "too long", "two ends", "pattern"],
)
def test_a_wrong_start_changes_nothing(enforcer, cloud, more, said):
    outcome = start(enforcer, enforcer.policy(policies.nightly()), cloud, *more)

    assert (64, True) == (outcome.code, said in outcome.err), outcome
    assert [] == enforcer("override", "list", "--format", "json").json()
    assert [] == cloud.puts()


def test_an_unknown_incident_is_a_usage_error(enforcer):
    for words in (("status", "INC-1"), ("end", "INC-1"), ("status",)):
        assert 64 == enforcer("incident", *words).code

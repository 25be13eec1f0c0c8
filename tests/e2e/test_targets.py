"""Several targets in one policy: each has its own endpoint, project and rate, and none waits for another."""

import contextlib
import re
import shlex
import socket

from tests.e2e.policies import adds_up, drifting, nightly, target
from tests.simulated import simulator


def totals_of(report):
    return {target["name"]: target["totals"] for target in report["targets"]}


def test_targets_are_worked_on_side_by_side_each_at_its_own_endpoint_and_rate(enforcer):
    with simulator(seed=1, drift=1.0, tasks=24) as east, simulator(seed=1, drift=1.0, tasks=24, max_page=7) as west:
        wrong = len(drifting(east.tasks()))
        entries = target("east", east, rate="8/s") + target("west", west, rate="10/s")
        policy = enforcer.policy(nightly(targets=f"targets:\n{entries}"))
        outcome = enforcer("apply", policy, "--yes", env=keys(east))

        assert outcome.code == 0, outcome
        assert drifting(east.tasks()) == drifting(west.tasks()) == {}
        report = enforcer.report()
        assert [entry["endpoint"] for entry in report["targets"]] == [east.endpoint, west.endpoint]
        assert [entry["rate"]["asked_per_s"] for entry in report["targets"]] == [8, 10]
        assert [entry["totals"]["verified"] for entry in report["targets"]] == [wrong, wrong]
        assert report["totals"]["verified"] == 2 * wrong
        assert adds_up(report)
        first, last = ([puts[end]["at"] for puts in (east.puts(), west.puts())] for end in (0, -1))
        assert max(first) < min(last), "the second did not wait for the first"


def test_each_target_asks_for_its_own_project(enforcer):
    with simulator(drift=0.2) as cloud:
        entries = target("main", cloud) + target("archive", cloud).replace(cloud.project_id, cloud.other_project_id)
        policy = enforcer.policy(nightly(targets=f"targets:\n{entries}"))
        outcome = enforcer("apply", policy, "--yes", env=keys(cloud))

        assert {request["path"].split("/")[2] for request in cloud.requests()} == {
            cloud.project_id,
            cloud.other_project_id,
        }
        assert outcome.code == 77, "the archive may not be listed"
        assert drifting(cloud.tasks()) == {}, "the other target is done all the same"
        assert totals_of(enforcer.report())["main"]["verified"] > 0
        assert totals_of(enforcer.report())["archive"]["listed"] == 0


def test_a_target_that_is_down_leaves_the_others_alone(enforcer):
    with simulator(drift=0.2) as cloud, nothing_listens() as url:
        # Without a project it begins at IAM, which is asked once.
        down = f"  - name: down\n    region: {cloud.region}\n    endpoint: {url}\n    iam_endpoint: {url}\n"
        entries = target("up", cloud) + down
        outcome = enforcer("apply", enforcer.policy(nightly(targets=f"targets:\n{entries}")), "--yes", env=keys(cloud))

        assert outcome.code == 3, outcome
        assert drifting(cloud.tasks()) == {}
        (notice,) = enforcer.report()["notices"]
        assert (notice["target"], notice["exit_code"]) == ("down", 69)


def test_the_commands_that_come_next_mean_the_same_targets_terms_and_place(enforcer, tmp_path):
    with simulator(seed=1, drift=1.0) as east, simulator(seed=1, drift=1.0) as west:
        entries = target("east", east) + target("west", west)
        policy = enforcer.policy(nightly(targets=f"targets:\n{entries}", to_auto=2))
        terms = ("--target", "west", "--only", "pay-*", "--allow-partial", "--state-dir", tmp_path / "other state")
        told = enforcer("plan", policy, *terms, env=keys(east))
        done = enforcer(*after("To do it", told), "--yes", env=keys(east))
        undone = enforcer(*after("Undo", done), "--yes", env=keys(east))

        assert [3, 3, 0] == [told.code, done.code, undone.code], (told, done, undone)
        assert east.requests() == []
        changed = [put["path"] for put in west.puts()]
        assert len(changed) == 2 * len(set(changed)) > 0, "all that was sent was taken back"


def after(label, outcome):
    """Return the words behind `enforcer` of the command that *label* stands before, the last of its line."""
    (command,) = re.findall(rf"\b{label}: enforcer (.*)", outcome.out)
    return shlex.split(command)


def test_one_target_can_be_chosen(enforcer):
    with simulator(seed=1, drift=0.2) as east, simulator(seed=1, drift=0.2) as west:
        entries = target("east", east) + target("west", west)
        policy = enforcer.policy(nightly(targets=f"targets:\n{entries}"))
        outcome = enforcer("apply", policy, "--yes", "--target", "west", env=keys(east))

        assert outcome.code == 0, outcome
        assert east.requests() == []
        assert drifting(west.tasks()) == {}
        assert [entry["name"] for entry in enforcer.report()["targets"]] == ["west"]


def test_the_rate_flag_counts_for_every_target(enforcer):
    with simulator(drift=0.1) as cloud:
        policy = enforcer.policy(nightly(targets=f"targets:\n{target('east', cloud, rate='1/m')}"))
        outcome = enforcer("apply", policy, "--yes", "--rate", "100/s", env=keys(cloud))

    assert outcome.code == 0, outcome
    assert enforcer.report()["targets"][0]["rate"]["asked_per_s"] == 100


def keys(cloud):
    """The keys alone: where to go stands in the policy."""
    return {name: value for name, value in cloud.env.items() if name.endswith(("_AK", "_SK"))}


@contextlib.contextmanager
def nothing_listens():
    """An address that is taken, so that nobody else gets it, and that refuses every connection."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"

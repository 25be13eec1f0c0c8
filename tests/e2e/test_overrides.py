"""Overrides through the installed command: what is added holds in plan, apply and check until it ends."""

import re

import pytest

from tests.command import Command, finished
from tests.e2e import policies
from tests.e2e.test_stopping import until
from tests.simulated import simulator

REASON = "Source CPU at 95 %, INC-4211"


@pytest.fixture
def enforcer(tmp_path):
    return Command(tmp_path)


def add(enforcer, cloud, *globs, mode, more=()):
    return enforcer("override", "add", *globs, "--mode", mode, "--for", "6h", "--reason", REASON, *more, env=cloud.env)


def in_force(enforcer):
    return enforcer("override", "list", "--format", "json").json()


def modes(cloud, beginning):
    return {task["resume_mode"] for task in cloud.tasks() if task["task_name"].startswith(beginning)}


def test_the_nightly_run_honours_an_override_until_it_is_ended(enforcer):
    policy = enforcer.policy(policies.nightly())
    with simulator(tasks=40, drift=0) as cloud:
        assert 0 == add(enforcer, cloud, "pay-*", mode="manual").code
        (override,) = in_force(enforcer)
        nightly = enforcer("apply", policy, "--yes", "--format", "json", env=cloud.env)
        eligible = policies.modes_sent(cloud)

        assert 0 == nightly.code, nightly
        assert {"manual"} == set(eligible.values())
        assert {f"override {override['id']}"} == {task["rule"] for task in nightly.json()["targets"][0]["tasks"]}
        assert 0 == enforcer("apply", policy, "--yes", env=cloud.env).code
        assert len(eligible) == len(cloud.puts())

        assert 0 == enforcer("override", "end", override["id"]).code
        assert [] == in_force(enforcer)
        assert 0 == enforcer("apply", policy, "--yes", env=cloud.env).code
        assert dict.fromkeys(eligible, "auto") == policies.modes_sent(cloud)


def test_what_an_override_leaves_alone_is_left_and_the_plan_says_why(enforcer):
    policy = enforcer.policy(policies.nightly())
    with simulator(tasks=40, drift=1.0) as cloud:
        assert 0 == add(enforcer, cloud, "pay-*", mode="leave").code
        (override,) = in_force(enforcer)
        before = modes(cloud, "pay-")
        plan = enforcer("plan", policy, env=cloud.env)

        assert f"override {override['id']} until " in plan.out
        assert 0 == enforcer("apply", policy, "--yes", env=cloud.env).code
        assert before == modes(cloud, "pay-")


def test_an_override_in_the_policy_counts_like_one_in_the_state_directory_and_check_tells_of_both(enforcer):
    text = policies.nightly() + (
        "overrides:\n"
        "  - {id: INC-1, tasks: pay-*, mode: leave, reason: reviewed by the team, owner: li.wei,\n"
        "     created: 2100-01-01T00:00:00Z, expires: 2100-01-02T00:00:00Z}\n"
        "  - {id: INC-0, tasks: '*', mode: auto, reason: long past, owner: li.wei,\n"
        "     created: 2020-01-01T00:00:00Z, expires: 2020-01-02T00:00:00Z}\n"
    )
    policy = enforcer.policy(text.replace("long past", "it is long past"))
    with simulator(tasks=40, drift=1.0) as cloud:
        assert 0 == add(enforcer, cloud, "dr-*", mode="leave").code
        checked = enforcer("check", policy)
        plan = enforcer("plan", policy, "--format", "json", env=cloud.env)

    assert 0 == checked.code, checked
    assert "override INC-0 expired at 2020-01-02T00:00:00Z" in checked.out
    assert "override INC-1: leave for pay-*" in checked.out
    assert f"override {in_force(enforcer)[0]['id']}: leave for dr-*" in checked.out
    left = {left["reason"].split(" until ")[0] for left in plan.json()["targets"][0]["left"]}
    assert {"override INC-1", f"override {in_force(enforcer)[0]['id']}"} <= left


def test_more_than_twenty_tasks_need_a_yes(enforcer):
    with simulator(tasks=40) as cloud:
        refused = add(enforcer, cloud, "*", mode="manual")
        assert 64 == refused.code
        assert "about 40 tasks, which is more than 20" in refused.err
        assert 0 == add(enforcer, cloud, "pay-*", mode="manual").code
        assert 0 == add(enforcer, cloud, "*", mode="manual", more=["--yes"]).code


def test_what_contradicts_an_override_in_force_is_refused_and_both_are_named(enforcer):
    with simulator(tasks=40) as cloud:
        assert 0 == add(enforcer, cloud, "pay-*", mode="manual").code
        (first,) = in_force(enforcer)
        second = add(enforcer, cloud, "*-orders-*", mode="auto")

        assert 4 == second.code
        assert first["id"] in second.err
        assert [first] == in_force(enforcer)
        assert 0 == add(enforcer, cloud, "dr-*", mode="auto").code


def test_where_the_tasks_cannot_be_listed_patterns_need_a_yes_and_names_do_not(enforcer):
    flags = ("--mode", "manual", "--for", "6h", "--reason", REASON)

    refused = enforcer("override", "add", "pay-*", *flags)
    assert 64 == refused.code
    assert "could not be listed" in refused.err
    assert 0 == enforcer("override", "add", "pay-*", *flags, "--yes").code
    assert 0 == enforcer("override", "add", "pay-orders-1", *flags).code
    assert 4 == enforcer("override", "add", "pay-orders-1", *flags[2:], "--mode", "auto").code


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--for", "6h", "--reason", "short"), "at least 10 characters"),
        (("--for", "73h", "--reason", REASON), "would last 73 h; the longest is 72 h"),
        (("--until", "2020-01-01T00:00:00Z", "--reason", REASON), "which is not after"),
        (("--reason", REASON), "exactly one of --for and --until"),
        (("--for", "6h", "--until", "2100-01-01T00:00:00Z", "--reason", REASON), "exactly one of --for and --until"),
        (("--until", "tomorrow", "--reason", REASON), "is no time"),
        (("--for", "6h"), "Missing option '--reason'"),
    ],
    ids=["reason", "too long", "past", "no end", "two ends", "no time", "no reason"],
)
def test_an_override_without_a_reason_or_a_sound_end_is_a_usage_error(enforcer, flags, said):
    outcome = enforcer("override", "add", "pay-orders-1", "--mode", "manual", *flags)

    assert (64, True) == (outcome.code, said in outcome.err), outcome
    assert [] == in_force(enforcer)


def test_the_policy_may_allow_longer_overrides(enforcer):
    policy = enforcer.policy("version: 1\nlimits: {override_max_ttl: 100h}\n")
    flags = ("pay-orders-1", "--mode", "manual", "--for", "100h", "--reason", REASON, "--policy", policy)

    assert 0 == enforcer("override", "add", *flags).code
    (override,) = in_force(enforcer)
    assert 64 == enforcer("override", "extend", override["id"], "--for", "101h", "--policy", policy).code


def test_overrides_travel_between_state_directories(enforcer, tmp_path):
    elsewhere = {"ENFORCER_STATE_DIR": str(tmp_path / "elsewhere")}
    flags = ("--mode", "manual", "--for", "6h", "--reason", REASON)
    assert 0 == enforcer("override", "add", "pay-orders-1", *flags).code
    (override,) = in_force(enforcer)
    (tmp_path / "overrides.json").write_bytes(enforcer("override", "export").out_bytes)

    imported = enforcer("override", "import", "overrides.json", env=elsewhere)
    again = enforcer("override", "import", "overrides.json", env=elsewhere)

    assert f"{override['id']} added\n" == imported.out
    assert "Nothing new in it.\n" == again.out
    assert [override] == enforcer("override", "list", "--format", "json", env=elsewhere).json()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "enforcer.overrides/2", "overrides": []}', "\udcff"])
def test_a_file_that_is_no_export_is_refused(enforcer, tmp_path, text):
    (tmp_path / "x.json").write_bytes(text.encode(errors="surrogateescape"))

    outcome = enforcer("override", "import", "x.json")

    assert 65 == outcome.code, outcome
    assert "Traceback" not in outcome.err


def test_a_journal_that_cannot_be_read_ends_a_plan_since_nobody_knows_what_to_leave_alone(enforcer):
    policy = enforcer.policy(policies.nightly())
    enforcer.state.mkdir()
    (enforcer.state / "journal.db").write_text("not a database, whatever the name says" * 20)
    with simulator(tasks=4) as cloud:
        assert 74 == enforcer("plan", policy, env=cloud.env).code
        assert 74 == enforcer("apply", policy, "--yes", env=cloud.env).code
        assert [] == cloud.puts()


def test_the_report_says_what_is_in_force_and_what_the_end_of_one_changed(enforcer):
    policy = enforcer.policy(policies.nightly())
    with simulator(tasks=40, drift=0) as cloud:
        assert 0 == add(enforcer, cloud, "pay-*", mode="manual").code
        (override,) = in_force(enforcer)
        held = enforcer("apply", policy, "--yes", env=cloud.env)
        (told,) = enforcer.report()["overrides"]["in_force"]
        assert 0 == enforcer("override", "end", override["id"]).code
        planned = enforcer("plan", policy, env=cloud.env)
        assert 0 == enforcer("apply", policy, "--yes", env=cloud.env).code

    changed = len(policies.modes_sent_in(enforcer.report()))
    (ended,) = enforcer.report()["overrides"]["ended"]
    assert (override["id"], changed, True) == (told["id"], told["tasks"], told["ends_within_24h"])
    # How much of the six hours has passed is the machine's business.
    left = r"(6 h|5 h \d+ min) left"
    assert re.search(rf"Override {override['id']} holds at manual {changed} tasks, {left}", held.out), held
    assert f"Override {override['id']} (manual) was ended by " in planned.out
    assert changed == len(ended["task_ids"])
    assert [] == enforcer.report()["overrides"]["in_force"]


def test_a_run_under_way_hears_of_an_override_and_sends_nothing_that_it_forbids(enforcer):
    policy = enforcer.policy(policies.nightly(rate="5/s"))
    with (
        simulator(tasks=60, drift=1.0) as cloud,
        enforcer.started("apply", policy, "--yes", "--format", "json", env=cloud.env) as process,
    ):
        until(lambda: len(cloud.puts()) >= 2)
        assert 0 == add(enforcer, cloud, "*", mode="leave", more=["--yes"]).code
        sent_by_then = len(cloud.puts())
        outcome = finished(process)

    (override,) = in_force(enforcer)
    deferred = [task for task in outcome.json()["targets"][0]["tasks"] if task["state"] == "deferred"]
    assert 3 == outcome.code, outcome
    assert len(deferred) >= len(outcome.json()["targets"][0]["tasks"]) - sent_by_then - 15
    assert {f"override {override['id']} leaves it alone"} == {task["reason"].split(" until ")[0] for task in deferred}


def test_overrides_that_contradict_each_other_all_the_same_are_met_with_the_safest_and_a_notice(enforcer):
    rule = "tasks: pay-*, reason: reviewed by the team, owner: li.wei, created: 2100-01-01T00:00:00Z"
    text = policies.nightly() + (
        "overrides:\n"
        f"  - {{id: INC-1, mode: auto, {rule}, expires: 2100-01-02T00:00:00Z}}\n"
        f"  - {{id: INC-2, mode: manual, {rule}, expires: 2100-01-02T00:00:00Z}}\n"
    )
    policy = enforcer.policy(text)
    with simulator(tasks=40, drift=0) as cloud:
        outcome = enforcer("apply", policy, "--yes", "--format", "json", env=cloud.env)

        assert 3 == outcome.code, outcome
        assert {"manual"} == set(policies.modes_sent(cloud).values())
        assert "INC-2, INC-1 ask for different modes" in outcome.json()["notices"][0]["message"]

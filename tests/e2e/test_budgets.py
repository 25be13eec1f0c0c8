"""Budgets through the command: what is refused, what a part is, and what other runs have spent."""

import re
import sqlite3
from contextlib import closing

from tests.e2e.policies import adds_up, drifting, modes_sent, nightly, states
from tests.simulated import simulator


def to_auto(cloud):
    return [task_id for task_id, mode in drifting(cloud.tasks()).items() if mode == "auto"]


def with_budget(budget):
    """A policy with nothing but *budget* for changes to auto."""
    keys = ("max", "percent", "per_day", "per_source_instance", "per_target_instance")
    others = [f"{key}: unlimited" for key in keys if not budget.startswith(f"{key}:")]
    return re.sub(r"to_auto: \{.*?\}", f"to_auto: {{{', '.join([budget, *others])}}}", nightly(), flags=re.DOTALL)


def test_a_refusal_shows_the_whole_plan_marks_what_does_not_fit_and_has_the_arithmetic(enforcer):
    with simulator(drift=0.5) as cloud:
        wanted = len(to_auto(cloud))
        policy = enforcer.policy(nightly(to_auto=wanted - 2))
        outcome = enforcer("plan", policy, env=cloud.env)

        assert outcome.code == 4, outcome
        assert f"refused: to_auto: {wanted} > {wanted - 2} (max)." in outcome.out
        assert len(re.findall(r"^  over +to auto", outcome.out, re.MULTILINE)) == 2
        assert len(re.findall(r"^  (?:over)? +to auto", outcome.out, re.MULTILINE)) == wanted
        assert f"Budget to auto: {wanted} of {wanted - 2} (max)" in outcome.out
        assert "Nothing was sent." in outcome.out


def test_a_part_is_sent_and_the_rest_is_deferred(enforcer):
    with simulator(drift=0.5) as cloud:
        wanted = to_auto(cloud)
        policy = enforcer.policy(nightly(to_auto=2))
        planned = enforcer("plan", policy, "--allow-partial", env=cloud.env)
        applied = enforcer("apply", policy, "--yes", "--allow-partial", env=cloud.env)

        assert (planned.code, applied.code) == (3, 3), applied
        report = enforcer.report()
        assert adds_up(report)
        assert report["totals"]["deferred"] == len(wanted) - 2 > 0
        assert list(modes_sent(cloud).values()).count("auto") == 2
        deferred = {task_id for task_id, state in states(report).items() if state == "deferred"}
        assert deferred == set(to_auto(cloud))
        assert planned.out.count("deferred") >= len(deferred)
        (auto,) = [budget for budget in report["budgets"] if budget["direction"] == "auto"]
        assert [(each["count"], each["allowed"]) for each in auto["counts"]] == [(2, 2)]


def test_a_day_s_budget_is_that_of_all_runs_together(enforcer):
    with simulator(drift=0.5) as cloud:
        first, second, *_ = wanted = to_auto(cloud)
        policy = enforcer.policy(with_budget("per_day: 2"))

        assert enforcer("apply", policy, "--yes", "--only", first, env=cloud.env).code == 0
        cloud.edit(first, resume_mode="manual")
        assert enforcer("apply", policy, "--yes", "--only", first, env=cloud.env).code == 0
        refused = enforcer("plan", policy, "--only", second, env=cloud.env)
        part = enforcer("apply", policy, "--yes", "--allow-partial", env=cloud.env)

        assert refused.code == 4, refused
        assert "3 > 2 (per_day, 2 of them in the 24 hours before)" in refused.out
        assert part.code == 3, part
        assert {put["body"] for put in cloud.puts()[2:]} == {'{"resume_mode":"manual"}'}
        assert set(to_auto(cloud)) == set(wanted) - {first}


def test_no_more_changes_than_were_asked_for(enforcer):
    with simulator(drift=0.5) as cloud:
        policy = enforcer.policy(nightly())
        refused = enforcer("apply", policy, "--yes", "--max-changes", "3", env=cloud.env)

        assert refused.code == 4, refused
        assert cloud.puts() == []
        assert enforcer("apply", policy, "--yes", "--max-changes", "3", "--allow-partial", env=cloud.env).code == 3
        assert len(cloud.puts()) == 3


def test_a_record_that_cannot_be_read_keeps_everything_from_going_to_auto(enforcer):
    with simulator(drift=0.5) as cloud:
        policy = enforcer.policy(nightly())
        assert enforcer("apply", policy, "--yes", "--only", to_auto(cloud)[0], env=cloud.env).code == 0
        with closing(sqlite3.connect(enforcer.state / "journal.db")) as journal:
            journal.execute("DROP TRIGGER event_is_append_only")
            journal.execute("UPDATE event SET body = '{' WHERE kind = 'change.planned'")
            journal.commit()
        outcome = enforcer("apply", policy, "--yes", env=cloud.env)

        assert outcome.code == 3, outcome
        report = enforcer.report()
        tasks = report["targets"][0]["tasks"]
        assert {task["state"] for task in tasks if task["desired"] == "auto"} == {"deferred"}
        assert {task["state"] for task in tasks if task["desired"] == "manual"} == {"verified"}
        assert "(change.planned)" in report["notices"][0]["message"]


def test_the_budget_command_says_what_is_left_and_when_it_frees(enforcer):
    with simulator(drift=0.5) as cloud:
        first, *_ = to_auto(cloud)
        policy = enforcer.policy(with_budget("per_day: 2"))
        before = enforcer("budget")
        assert enforcer("apply", policy, "--yes", "--only", first, env=cloud.env).code == 0
        shown = enforcer("budget", policy)
        (auto, manual) = enforcer("budget", policy, "--format", "json").json()

        assert (before.code, before.out) == (0, "No run has sent anything yet.\n")
        assert shown.code == 0, shown
        assert auto["frees_at"] in shown.out
        assert (auto["direction"], auto["sent"], auto["per_day"], auto["left"]) == ("auto", 1, 2, 1)
        assert (manual["direction"], manual["sent"], manual["left"]) == ("manual", 0, None)
        assert auto["project_id"] == cloud.project_id


def test_check_shows_every_value_in_force_and_where_it_came_from(enforcer):
    policy = enforcer.policy("version: 1\nlimits:\n  to_auto: {max: 4}\n")
    shown = enforcer("check", policy, "--effective")
    rows = {
        row["key"]: (row["text"], row["origin"])
        for row in enforcer("check", policy, "--effective", "--format", "json").json()
    }

    assert shown.code == 0, shown
    assert re.search(r"^limits\.to_auto\.max +4 +\S*nightly\.yaml:3$", shown.out, re.MULTILINE)
    assert rows["limits.to_auto.max"] == ("4", f"{policy}:3")
    assert rows["limits.to_auto.per_day"] == ("25", "built-in default")
    assert enforcer("check", policy, "--effective", "--format", "sarif").code == 64

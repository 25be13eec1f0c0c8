"""What may go of a plan, what waits, and what is refused: both sides of every limit."""

from typing import Any

import pytest
from msgspec.structs import replace

from enforcer.core.admission import guards
from enforcer.core.admission.guards import Terms
from enforcer.core.admission.holds import JOURNAL_UNREAD
from enforcer.model.event import GlassBroken, InventoryAccepted
from enforcer.model.history import Baseline, History, Spent
from enforcer.model.limits import Budget, InventoryLimits, Limits
from enforcer.model.plan import NO_LATITUDE, Acceptance, Latitude
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode
from tests.wishes import NOW, a_freeze, a_policy, a_proposal, a_rule, a_task, an_override

AUTO = a_policy(default=PolicyMode.AUTO)
MANUAL = a_policy(default=PolicyMode.MANUAL)
PARTIAL = Latitude(allow_partial=True)


def tasks(number, **fields):
    return [a_task(f"t{n:03}", **fields) for n in range(number)]


def in_sync(number):
    return [a_task(f"s{n:03}", resume_mode=ResumeMode.AUTO) for n in range(number)]


def limits(*, min_population=0, to_manual=None, max_inventory=1000, **to_auto: Any):
    return Limits(
        to_auto=Budget(**to_auto, written=frozenset(to_auto)),
        to_manual=to_manual or Budget(),
        min_population=min_population,
        max_inventory=max_inventory,
    )


def refusals(limits, *proposals, latitude=NO_LATITUDE):
    return judge(proposals, limits, latitude).refusals


def judge(proposals, limits, latitude=NO_LATITUDE, *, freeze=(), now=NOW):
    return guards.judge(proposals, Terms(limits=limits, freeze=freeze, latitude=latitude), now)


def going(verdict):
    return [change.task.task_id for plan in verdict.plans for change in plan.changes]


def held(holds):
    return {hold.change.task.task_id: hold.reason for hold in holds}


def spent(number, direction=ResumeMode.AUTO):
    return History(spent=tuple(Spent(task_id=f"x{n}", direction=direction, at=0.0) for n in range(number)))


@pytest.mark.parametrize(
    ("budget", "count", "clause"),
    [
        ({"max": 3}, 3, None),
        ({"max": 3}, 4, "4 > 3 (max)"),
        ({"max": 1}, 1, None),
        ({"max": 0}, 1, "1 > 0 (max)"),
        ({"max": None}, 500, None),
        ({"percent": 20}, 4, None),
        ({"percent": 20}, 5, "5 > 4 (20% of 20 eligible)"),
        ({"percent": 1}, 1, None),
        ({"percent": 1}, 2, "2 > 1 (1% of 20 eligible)"),
        ({"percent": 0}, 1, "1 > 0 (0% of 20 eligible)"),
        ({"percent": 100}, 20, None),
        ({"percent": 1, "max": 0}, 1, "1 > 0 (max); 1 > 0 (1% of 20 eligible)"),
        ({"per_day": 3}, 3, None),
        ({"per_day": 3}, 4, "4 > 3 (per_day)"),
        ({"per_day": 0}, 1, "1 > 0 (per_day)"),
    ],
    ids=str,
)
def test_a_limit_is_passed_by_more_than_its_number_only(budget, count, clause):
    proposal = a_proposal(AUTO, *tasks(count), *in_sync(max(0, 20 - count)))

    assert refusals(limits(**budget), proposal) == (() if clause is None else (f"to_auto: {clause}",))


def test_all_limits_hold_together_and_the_message_has_the_arithmetic():
    proposal = a_proposal(AUTO, *tasks(14), *in_sync(33))

    assert refusals(limits(max=10, percent=20), proposal) == ("to_auto: 14 > 10 (max); 14 > 9 (20% of 47 eligible)",)


def test_large_numbers_are_written_as_everywhere_else():
    proposal = a_proposal(AUTO, *tasks(1_200), *in_sync(2_800), history=spent(1_100))
    verdict = judge((proposal,), limits(max=1_000, percent=25, per_day=2_000, max_inventory=3_000))

    day = "per_day, 1,100 of them in the 24 hours before"
    assert verdict.refusals == (
        "inventory: more than 3,000 tasks are listed at prod (limits.max_inventory), and the rest was not read",
        f"to_auto: 1,200 > 1,000 (max); 1,200 > 1,000 (25% of 4,000 eligible); 2,300 > 2,000 ({day})",
    )


def test_below_the_population_a_share_is_ignored_and_max_alone_holds():
    few = a_proposal(AUTO, *tasks(3), a_task("x", status="SUCCESS"))

    assert refusals(limits(percent=20, max=3, min_population=4), few) == ()
    assert refusals(limits(percent=20, max=2, min_population=4), few) == ("to_auto: 3 > 2 (max)",)
    assert refusals(limits(percent=20, min_population=3), few) == ("to_auto: 3 > 1 (20% of 3 eligible)",)


def test_nought_per_cent_is_none_however_few_the_tasks_are():
    assert refusals(limits(percent=0, min_population=5), a_proposal(AUTO, a_task())) == (
        "to_auto: 1 > 0 (0% of 1 eligible)",
    )


def test_the_share_is_of_the_whole_inventory_whatever_only_selects():
    proposal = a_proposal(AUTO, *tasks(10), only=("t000", "t001"))

    assert refusals(limits(percent=20), proposal) == ()
    assert refusals(limits(percent=10), proposal) == ("to_auto: 2 > 1 (10% of 10 eligible)",)


def test_a_day_counts_what_earlier_runs_sent_in_that_direction():
    def judged(history, count):
        return refusals(limits(per_day=5), a_proposal(AUTO, *tasks(count), history=history))

    assert judged(spent(3), 2) == ()
    assert judged(spent(3), 3) == ("to_auto: 6 > 5 (per_day, 3 of them in the 24 hours before)",)
    assert judged(spent(300, ResumeMode.MANUAL), 5) == ()


def test_two_names_of_one_project_share_its_day():
    first, second = (a_proposal(AUTO, *tasks(2), target=name, history=spent(2)) for name in ("a", "b"))
    second = replace(second, ref=replace(second.ref, project_id=first.ref.project_id))

    assert refusals(limits(per_day=5), first, second)
    assert not refusals(limits(per_day=6), first, second)


@pytest.mark.parametrize("side", ["source", "target"])
def test_an_instance_bounds_the_tasks_that_share_it(side):
    shared = tasks(2, **{f"{side}_instance_id": "i-1", f"{side}_instance_name": "sh-1"})
    other = a_task("other", **{f"{side}_instance_id": "i-2"})
    none = [a_task("none-1"), a_task("none-2")]
    proposal = a_proposal(AUTO, *shared, other, *none)

    assert refusals(limits(**{f"per_{side}_instance": 2}), proposal) == ()
    assert refusals(limits(**{f"per_{side}_instance": 1}), proposal) == (
        f"to_auto: 2 > 1 (per_{side}_instance, sh-1 i-1)",
    )


def test_full_synchronisations_under_way_count_against_their_instance_to_auto_only():
    def judged(policy, mode):
        syncing = a_task("sync", status="FULLMIGRATING", source_instance_id="i-1", resume_mode=mode)
        change = a_task("t1", source_instance_id="i-1", resume_mode=mode)
        budget = Budget(per_source_instance=1, written=frozenset(["per_source_instance"]))
        found = a_proposal(policy, syncing, change, only=("t1",))
        return refusals(limits(per_source_instance=1, to_manual=budget), found)

    assert judged(AUTO, ResumeMode.MANUAL) == ("to_auto: 2 > 1 (per_source_instance, i-1, 1 in full sync already)",)
    assert judged(MANUAL, ResumeMode.AUTO) == ()


def test_a_limit_that_nobody_wrote_is_the_built_in_one_and_says_so():
    assert refusals(Limits(), a_proposal(AUTO, *tasks(11), *in_sync(100))) == (
        "to_auto: 11 > 10 (max, built-in default; limits.to_auto.max sets it)",
    )


def test_max_counts_all_targets_together_and_only_what_would_be_sent():
    unsound = a_proposal(AUTO, *tasks(9, defect="odd"), target="c")
    first, second = a_proposal(AUTO, *tasks(2), target="a"), a_proposal(AUTO, *tasks(2), target="b")

    assert refusals(limits(max=3), first, second) == ("to_auto: 4 > 3 (max)",)
    assert refusals(limits(max=4), first, second, unsound) == ()


def test_a_share_is_each_target_s_own_and_names_it():
    small, large = a_proposal(AUTO, *tasks(2), target="a"), a_proposal(AUTO, *tasks(2), *in_sync(98), target="b")

    assert refusals(limits(percent=50), small, large) == ("to_auto: 2 > 1 (50% of 2 eligible, a)",)


def test_the_two_directions_have_two_budgets():
    proposal = a_proposal(MANUAL, *tasks(3, resume_mode=ResumeMode.AUTO))

    assert refusals(limits(max=0, to_manual=Budget(max=2, written=frozenset(["max"]))), proposal) == (
        "to_manual: 3 > 2 (max)",
    )


def test_a_change_to_auto_by_an_override_spends_the_budget_like_any_other():
    proposal = a_proposal(a_policy(), *tasks(4), overrides=[an_override("o", "auto")])

    assert refusals(limits(max=3), proposal)


def test_a_refusal_flags_the_changes_that_do_not_fit_and_defers_none():
    verdict = judge([a_proposal(AUTO, *tasks(4))], limits(max=3))

    assert held(verdict.flagged) == {"t003": "to_auto: 4 > 3 (max)"}
    assert verdict.deferred == ()


def test_allowed_to_do_a_part_the_first_by_priority_go_and_the_rest_is_deferred():
    policy = a_policy(a_rule("high", task_id=("t003",), priority=5), a_rule("all", task_id=("*",)))
    one = a_proposal(policy, *tasks(4), target="a")
    two = a_proposal(policy, *tasks(4), target="b")
    verdict = judge([one, two], limits(max=3), PARTIAL)

    assert verdict.refusals == ()
    assert verdict.flagged == ()
    assert going(verdict) == ["t003", "t000", "t003"]
    assert len(verdict.deferred) == 5


def test_a_part_fits_all_limits_together():
    shared = tasks(4, source_instance_id="i-1")
    alone = a_task("z", source_instance_id="i-2")
    verdict = judge([a_proposal(AUTO, *shared, alone)], limits(max=3, per_source_instance=1), PARTIAL)

    assert going(verdict) == ["t000", "z"]


@pytest.mark.parametrize(("most", "count"), [(3, 3), (0, 0), (0, 1), (3, 4)])
def test_max_changes_counts_both_directions_and_the_first_are_those_to_manual(most, count):
    policy = a_policy(a_rule("m", "manual", task_id=("m*",)), a_rule("a", task_id=("t*",)))
    proposal = a_proposal(policy, *tasks(count)[:-1], *[a_task("m1", resume_mode=ResumeMode.AUTO)] * bool(count))
    refused = judge([proposal], limits(), Latitude(max_changes=most))
    part = judge([proposal], limits(), Latitude(max_changes=most, allow_partial=True))

    assert refused.refusals == ((f"changes: {count} > {most} (--max-changes)",) if count > most else ())
    assert going(part) == ["m1", "t000", "t001"][: min(most, count)] or {"m1"} == set(going(part)) - {"t000", "t001"}
    assert len(part.deferred) == max(0, count - most)


def test_without_a_journal_nothing_goes_to_auto_and_everything_to_manual():
    policy = a_policy(a_rule("m", "manual", task_id=("m*",)), a_rule("a", task_id=("t*",)))
    proposal = a_proposal(policy, *tasks(2), a_task("m1", resume_mode=ResumeMode.AUTO), history=None)
    verdict = judge([proposal], limits())

    assert verdict.refusals == ()
    assert going(verdict) == ["m1"]
    assert held(verdict.deferred) == {"t000": JOURNAL_UNREAD, "t001": JOURNAL_UNREAD}


def test_what_waits_anyway_spends_no_budget():
    proposal = a_proposal(AUTO, *tasks(5), history=None)

    assert refusals(limits(max=0), proposal) == ()


def test_more_tasks_than_the_inventory_may_have_are_refused_whatever_part_is_allowed():
    proposal = a_proposal(AUTO, *tasks(4))

    assert refusals(limits(max_inventory=4), proposal) == ()
    (reason,) = refusals(limits(max_inventory=3), proposal, latitude=PARTIAL)
    assert reason.startswith("inventory: more than 3 tasks are listed at prod (limits.max_inventory)")


def test_the_readings_stand_beside_every_limit_the_fullest_instance_for_all():
    busy = tasks(2, source_instance_id="i-1")
    proposal = a_proposal(AUTO, *busy, a_task("z", source_instance_id="i-2"), *in_sync(7), history=spent(1))
    written = limits(max=10, percent=50, per_day=9, per_source_instance=5)
    (budget,) = judge([proposal], written).budgets

    assert budget.direction is ResumeMode.AUTO
    assert [(each.limit, each.count, each.allowed) for each in budget.counts] == [
        ("max", 3, 10),
        ("percent", 3, 5),
        ("per_day", 4, 9),
        ("per_source_instance", 2, 5),
    ]
    assert [each.target for each in budget.counts] == [None, "prod", "prod", "prod"]


def test_a_part_s_readings_are_those_of_what_goes():
    (budget,) = judge([a_proposal(AUTO, *tasks(14))], limits(max=10), PARTIAL).budgets

    assert [(each.count, each.allowed) for each in budget.counts] == [(10, 10)]


def test_a_refusal_names_a_few_of_many_instances():
    crowded = [a_task(f"{n}-{k}", source_instance_id=f"i-{n}") for n in range(9) for k in range(2)]
    (reason,) = refusals(limits(per_source_instance=1), a_proposal(AUTO, *crowded))

    assert reason.count("per_source_instance") == 5
    assert reason.endswith("; and 4 limits more")


def test_what_a_window_freezes_is_deferred_with_the_time_at_which_it_may_go():
    policy = a_policy(a_rule("m", "manual", task_id=("m*",)), a_rule("a", task_id=("t*",)))
    proposal = a_proposal(policy, *tasks(2), a_task("m1", resume_mode=ResumeMode.AUTO))
    verdict = judge([proposal], limits(max=0), freeze=[a_freeze(start="02:00", end="04:30", reason="backup")])

    assert verdict.refusals == ()
    assert going(verdict) == ["m1"]
    assert held(verdict.deferred) == dict.fromkeys(["t000", "t001"], "frozen until 04:30 UTC: backup")


def test_outside_the_window_it_goes():
    verdict = judge([a_proposal(AUTO, *tasks(1))], limits(), freeze=[a_freeze(start="02:16", end="04:30")])

    assert going(verdict) == ["t000"]


def test_broken_glass_passes_freeze_and_budgets_and_says_what_it_passed():
    broken = Latitude(break_glass="INC-4211")
    verdict = judge([a_proposal(AUTO, *tasks(4))], limits(max=3), broken, freeze=[a_freeze(start="02:00")])

    assert verdict.refusals == ()
    assert len(going(verdict)) == 4
    assert verdict.glass == GlassBroken(
        reason="INC-4211", passed=("to_auto: frozen until 20:00 UTC", "to_auto: 4 > 3 (max)")
    )


def test_broken_glass_with_nothing_in_the_way_says_so():
    verdict = judge([a_proposal(AUTO, *tasks(3))], limits(max=3), Latitude(break_glass="x"))

    assert verdict.glass == GlassBroken(reason="x", passed=())


def test_broken_glass_passes_neither_the_journal_nor_what_was_asked_of_this_run():
    unread = a_proposal(AUTO, *tasks(2), history=None)
    many = a_proposal(AUTO, *tasks(2))
    too_many = a_proposal(AUTO, *tasks(2))

    assert going(judge([unread], limits(), Latitude(break_glass="x"))) == []
    assert judge([many], limits(), Latitude(break_glass="x", max_changes=1)).refusals == (
        "changes: 2 > 1 (--max-changes)",
    )
    assert judge([too_many], limits(max_inventory=1), Latitude(break_glass="x")).refusals


def listed(number, baseline=None, **fields):
    known = None if baseline is None else Baseline(run_id="run-1", tasks=baseline)
    modes = {"resume_mode": ResumeMode.AUTO} | fields
    return a_proposal(AUTO, *tasks(number, **modes), history=History(baseline=known))


@pytest.mark.parametrize(
    ("number", "baseline", "bounds", "doubt"),
    [
        (1, None, {"min_tasks": 1}, None),
        (0, None, {"min_tasks": 1}, "0 tasks < 1 (min_tasks)"),
        (0, None, {"min_tasks": 0}, None),
        (70, 100, {"max_shrink": 30}, None),
        (69, 100, {"max_shrink": 30}, "shrank from 100 to 69 tasks since run run-1, 31% > 30% (max_shrink)"),
        (0, 5000, {}, "shrank from 5,000 to 0 tasks since run run-1, 100% > 50% (max_shrink)"),
        (99, 100, {"max_shrink": 0}, "shrank from 100 to 99 tasks since run run-1, 1% > 0% (max_shrink)"),
        (100, 100, {"max_shrink": 0}, None),
        (300, 100, {"max_shrink": 0}, None),
        (0, 100, {"max_shrink": None}, None),
        (0, None, {"max_shrink": 0}, None),
        (0, 0, {}, None),
    ],
)
def test_a_list_that_is_too_short_is_refused(number, baseline, bounds, doubt):
    inventory = InventoryLimits(**bounds)
    verdict = judge([listed(number, baseline)], replace(limits(), inventory=inventory))

    assert verdict.refusals == (() if doubt is None else (f"inventory of prod: {doubt}",))


@pytest.mark.parametrize(
    ("unknown", "most", "population", "refused"),
    [(2, 20, 0, False), (3, 20, 0, True), (3, 20, 11, False), (3, 20, 10, True), (3, None, 0, False), (0, 0, 0, False)],
)
def test_a_list_without_modes_is_refused(unknown, most, population, refused):
    silent = [a_task(f"u{n}", resume_mode=None) for n in range(unknown)]
    proposal = a_proposal(AUTO, *silent, *in_sync(10 - unknown))
    bounds = replace(limits(min_population=population), inventory=InventoryLimits(max_unknown_mode=most))

    assert bool(judge([proposal], bounds).refusals) is refused


def test_the_exact_number_and_a_reason_let_a_short_list_pass_and_are_recorded():
    verdict = judge([listed(12, 100)], limits(), Latitude(accepted=(Acceptance(tasks=12, reason="emptied"),)))

    assert verdict.refusals == ()
    assert verdict.accepted == (
        InventoryAccepted(
            target="prod",
            tasks=12,
            reason="emptied",
            doubts=("shrank from 100 to 12 tasks since run run-1, 88% > 50% (max_shrink)",),
        ),
    )


@pytest.mark.parametrize(
    "latitude", [PARTIAL, Latitude(break_glass="x"), Latitude(accepted=(Acceptance(tasks=11, reason="x"),))]
)
def test_nothing_else_lets_a_short_list_pass(latitude):
    verdict = judge([listed(12, 100)], limits(), latitude)

    (refusal,) = verdict.refusals
    assert refusal.startswith("inventory of prod: shrank from 100 to 12 tasks")
    assert "--accept-inventory 12 REASON" in verdict.hint


def test_an_acceptance_that_nothing_needs_says_nothing():
    verdict = judge([listed(12, 12)], limits(), Latitude(accepted=(Acceptance(tasks=12, reason="x"),)))

    assert (verdict.refusals, verdict.accepted) == ((), ())


def test_a_contested_change_waits_whatever_the_flags_and_is_told_once():
    fought = History(fought=frozenset([("t000", ResumeMode.AUTO)]))
    known = replace(fought, contested=fought.fought)
    first = judge([a_proposal(AUTO, *tasks(2), history=fought)], limits(max=1), Latitude(break_glass="x"))
    later = judge([a_proposal(AUTO, *tasks(2), history=known)], limits(max=1))

    assert going(first) == going(later) == ["t001"]
    assert list(held(first.deferred)) == ["t000"]
    assert [each.task_id for each in first.contested] == ["t000"]
    assert later.contested == ()

from enforcer.core.fold.summary import fold
from enforcer.core.fold.verdict import verdict
from enforcer.errors import ExitCode
from enforcer.model.event import OverrideFacts, OverrideHonoured, OverrideReleased, OverridesConflicted
from enforcer.model.rule import PolicyMode
from tests import builders as b

DAY_S = 24 * 3600.0


def facts(override_id, *, left_s=5 * 3600.0, **fields):
    return OverrideFacts(
        id=override_id,
        mode=PolicyMode.MANUAL,
        patterns=("pay-*",),
        targets=(),
        reason="source CPU at 95 %",
        ticket="CHG-1",
        owner="li.wei",
        created="2026-11-23T01:15:00Z",
        expires="2026-11-23T07:15:00Z",
        left_s=left_s,
        origin=None,
        **fields,
    )


def honoured(override_id, tasks, *, target=b.TARGET, **fields):
    return OverrideHonoured(target=target, override=facts(override_id, **fields), tasks=tasks)


def folded(*events, targets=(b.TARGET,)):
    return fold(b.entries(b.a_run_started(*targets), *events))


def test_an_override_counts_its_tasks_over_all_targets():
    report = folded(honoured("o", 2, target="eu"), honoured("o", 3, target="ap"), targets=("eu", "ap"))

    (override,) = report.overrides.in_force
    assert ("o", 5, "CHG-1") == (override.id, override.tasks, override.ticket)


def test_an_override_ends_soon_if_it_has_a_day_or_less():
    report = folded(honoured("a", 1, left_s=DAY_S), honoured("b", 1, left_s=DAY_S + 1))

    assert [True, False] == [each.ends_within_24h for each in report.overrides.in_force]


def test_what_has_ended_names_what_that_changed_over_all_targets():
    over = facts("o", left_s=0.0, ended_at="2026-11-23T02:00:00Z", ended_by="li.wei on ops-1")
    report = folded(
        OverrideReleased(target="eu", override=over, task_ids=("t1",)),
        OverrideReleased(target="ap", override=over, task_ids=("t2",)),
        targets=("eu", "ap"),
    )

    (ended,) = report.overrides.ended
    assert (("t1", "t2"), "2026-11-23T02:00:00Z", "li.wei on ops-1") == (ended.task_ids, ended.ended_at, ended.ended_by)
    assert ExitCode.OK == verdict(report)


def test_overrides_that_contradict_each_other_make_a_run_partial_and_name_both():
    met = OverridesConflicted(target=b.TARGET, override_ids=("two", "one"), mode=PolicyMode.MANUAL, tasks=2)
    report = folded(met)

    (notice,) = report.notices
    assert "two, one ask for different modes of 2 tasks; the safest, manual, was taken" in notice.message
    assert ExitCode.PARTIAL == verdict(report)

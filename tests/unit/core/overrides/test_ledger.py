from datetime import timedelta

import pytest

from enforcer.core.overrides import ledger
from enforcer.errors import ExitCode, RefusedError, UsageError
from enforcer.model.override import Added, Ended, Extended, Step
from tests.wishes import NOW, a_task, an_override

HOUR = timedelta(hours=1)
LONGEST_S = 72 * 3600


def fresh(override_id, mode="manual", *patterns, **fields):
    return an_override(override_id, mode, *patterns, **({"created": NOW, "expires": NOW + 6 * HOUR} | fields))


def add(override, *known, tasks=None, longest_s=LONGEST_S):
    return ledger.add(override, known, tasks, longest_s=longest_s)


def test_what_is_added_says_who_added_it_and_where():
    step = add(fresh("o"))

    assert ("o", NOW, "li.wei on ops-1") == (step.override_id, step.at, step.by)


def test_the_steps_come_to_the_override_as_it_is_now():
    first, second = fresh("a"), fresh("b")
    steps: list[Step] = [
        Added(at=NOW, by="x", override=first),
        Added(at=NOW, by="x", override=second),
        Extended(at=NOW, by="y", override_id="a", expires=NOW + 9 * HOUR),
        Ended(at=NOW + HOUR, by="z", override_id="b"),
    ]

    one, other = ledger.replay(steps)

    assert NOW + 9 * HOUR == one.expires
    assert one.is_in_force(NOW + 8 * HOUR)
    assert (NOW + HOUR, "z") == (other.ended_at, other.ended_by)
    assert not other.is_in_force(NOW + HOUR)


def test_an_override_lasts_as_long_as_is_allowed_and_no_longer():
    add(fresh("o", expires=NOW + 72 * HOUR))
    with pytest.raises(UsageError, match=r"would last 72\.50 h; the longest is 72 h"):
        add(fresh("o", expires=NOW + 72.5 * HOUR))


@pytest.mark.parametrize("lasts", [timedelta(0), -HOUR])
def test_an_override_that_ends_before_it_begins_is_refused(lasts):
    with pytest.raises(UsageError, match="not after"):
        add(fresh("o", expires=NOW + lasts))


def test_a_reason_has_ten_characters():
    add(fresh("o", reason="x" * 10))
    with pytest.raises(UsageError, match="at least 10"):
        add(fresh("o", reason=" " + "x" * 9))


def test_an_id_is_used_once():
    with pytest.raises(UsageError, match="override o already"):
        add(fresh("o"), fresh("o", "manual", "other"))


def test_two_modes_on_one_listed_task_are_refused_and_both_overrides_are_named():
    tasks = [a_task("t1", task_name="pay-wan-1"), a_task("t2", task_name="pay-2")]

    with pytest.raises(RefusedError, match=r"new asks for auto where old asks for manual .*: task pay-wan-1") as caught:
        add(fresh("new", "auto", "*-wan-*"), fresh("old", "manual", "pay-*"), tasks=tasks)

    assert ExitCode.REFUSED == caught.value.exit_code
    assert "enforcer override end old" in str(caught.value.hint)


def test_patterns_that_meet_on_no_listed_task_do_not_conflict():
    tasks = [a_task("t1", task_name="pay-1"), a_task("t2", task_name="sh-wan-2")]

    add(fresh("new", "auto", "*-wan-*"), fresh("old", "manual", "pay-*"), tasks=tasks)


def test_an_id_and_a_name_of_one_task_conflict():
    with pytest.raises(RefusedError):
        add(fresh("new", "auto", "t1"), fresh("old", "manual", "pay-*"), tasks=[a_task("t1", task_name="pay-1")])


def test_overrides_that_agree_or_are_over_do_not_conflict():
    tasks = [a_task("t1")]

    add(fresh("new", "manual"), fresh("old", "manual"), tasks=tasks)
    add(fresh("new", "auto"), an_override("old", "manual", expires=NOW), tasks=tasks)
    add(fresh("new", "auto"), an_override("old", "manual", ended_at=NOW, ended_by="x"), tasks=tasks)


def test_overrides_for_different_targets_do_not_conflict():
    add(fresh("new", "auto", targets=("eu",)), fresh("old", "manual", targets=("ap",)))
    with pytest.raises(RefusedError):
        add(fresh("new", "auto", targets=("eu", "ap")), fresh("old", "manual", targets=("ap",)))
    with pytest.raises(RefusedError):
        add(fresh("new", "auto"), fresh("old", "manual", targets=("ap",)))


def test_without_a_list_patterns_that_may_hit_the_same_text_conflict():
    with pytest.raises(RefusedError, match="may hit the same task"):
        add(fresh("new", "auto", "*-wan-*"), fresh("old", "manual", "pay-*"))
    add(fresh("new", "auto", "dr-*"), fresh("old", "manual", "pay-*"))


def test_an_override_is_extended_from_now_on_within_the_longest():
    known = [an_override("o", created=NOW - 60 * HOUR, expires=NOW + HOUR)]

    step = ledger.extend("o", NOW + 72 * HOUR, known, now=NOW, by="me", longest_s=LONGEST_S)

    assert Extended(at=NOW, by="me", override_id="o", expires=NOW + 72 * HOUR) == step
    with pytest.raises(UsageError, match="longest"):
        ledger.extend("o", NOW + 73 * HOUR, known, now=NOW, by="me", longest_s=LONGEST_S)
    with pytest.raises(UsageError, match="already"):
        ledger.extend("o", NOW + HOUR, known, now=NOW, by="me", longest_s=LONGEST_S)


def test_what_is_over_is_neither_extended_nor_ended():
    known = [an_override("old", expires=NOW), an_override("gone", ended_at=NOW - HOUR, ended_by="x")]

    with pytest.raises(UsageError, match="expired at 2026-11-23T02:15:00Z"):
        ledger.extend("old", NOW + HOUR, known, now=NOW, by="me", longest_s=LONGEST_S)
    with pytest.raises(UsageError, match="was ended at 2026-11-23T01:15:00Z"):
        ledger.end("gone", known, now=NOW, by="me")


def test_an_unknown_override_is_named_with_the_nearest_there_is():
    with pytest.raises(UsageError, match="no override 'INC-4212'") as caught:
        ledger.end("INC-4212", [fresh("INC-4211")], now=NOW, by="me")

    assert caught.value.hint == "Did you mean INC-4211?"


def test_an_override_names_tasks_by_id_or_name_on_its_targets():
    tasks = [a_task("pay-id"), a_task("t2", task_name="pay-2"), a_task("t3"), a_task("pay-x", target="test")]

    assert [
        "pay-id",
        "t2",
    ] == [task.task_id for task in ledger.matched(fresh("o", "manual", "pay-*", targets=("prod",)), tasks)]

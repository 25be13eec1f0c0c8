from collections import Counter
from fnmatch import fnmatchcase

import pytest

from enforcer.simulator import hostile, inventory


def drifted(rows):
    return Counter(
        wanted for row in rows if (wanted := inventory.wanted(row)) is not None and wanted != row["resume_mode"]
    )


def by_policy(row):
    """The rules of the example policy, written out once more."""
    if row["migration_type"] != "online_migration" or row["status"] not in {
        "MIGRATING",
        "FULLMIGRATING",
        "INCRMIGEATING",
    }:
        return None
    rules = (("*-wan-*", "manual"), ("dr-*", "manual"), ("pay-*", "auto"), ("cache-*", "manual"))
    return next((mode for glob, mode in rules if fnmatchcase(row["task_name"], glob)), None)


def test_the_same_seed_makes_the_same_tasks_and_another_seed_others():
    once, again = (inventory.rows(tasks=30, drift=0.2, seed=7) for _ in range(2))

    assert once == again
    assert once != inventory.rows(tasks=30, drift=0.2, seed=8)


def test_what_is_wanted_is_what_the_rules_of_the_example_policy_say():
    rows = inventory.rows(tasks=500, drift=0.3, seed=1)

    assert [by_policy(row) for row in rows] == [inventory.wanted(row) for row in rows]


@pytest.mark.parametrize("tasks", [1, 5, 60, 1000])
def test_without_drift_every_task_is_as_wanted(tasks):
    assert not drifted(inventory.rows(tasks=tasks, drift=0, seed=3))


@pytest.mark.parametrize("seed", range(1, 20))
def test_a_fifth_of_sixty_drifts_in_both_directions_and_eight_at_most_towards_auto(seed):
    rows = inventory.rows(tasks=60, drift=0.2, seed=seed)
    governed = sum(inventory.wanted(row) is not None for row in rows)
    found = drifted(rows)

    assert found.total() == round(0.2 * governed)
    assert 1 <= found["auto"] <= 8
    assert found["manual"] >= found["auto"]


def test_all_governed_tasks_drift_at_a_drift_of_one():
    rows = inventory.rows(tasks=200, drift=1, seed=2)

    assert drifted(rows).total() == sum(inventory.wanted(row) is not None for row in rows)


def test_ids_and_names_are_unique_and_both_spellings_of_ids_occur():
    rows = inventory.rows(tasks=2000, drift=0, seed=1)
    dashed = sum("-" in row["task_id"] for row in rows)

    assert len({row["task_id"] for row in rows}) == 2000
    assert len({row["task_name"] for row in rows}) == 2000
    assert 1300 < dashed < 1500


def test_several_tasks_share_a_source_and_a_target():
    rows = inventory.rows(tasks=60, drift=0, seed=1)
    sources = Counter(row["source_instance_id"] for row in rows if row["source_instance_id"])
    targets = Counter(row["target_instance_id"] for row in rows)

    assert max(sources.values()) > 1
    assert max(targets.values()) > 1


def test_most_tasks_run_and_some_do_not():
    found = Counter(row["status"] for row in inventory.rows(tasks=1000, drift=0, seed=1))

    assert found["INCRMIGEATING"] > 700
    assert {"MIGRATING", "SUCCESS", "TERMINATED", "FAILED", "FULLMIGRATING"} <= set(found)


def test_hostile_rows_lack_fields_and_carry_odd_ids_and_unknown_values():
    (pattern,) = inventory.rows(tasks=1, drift=0, seed=1)
    rows = hostile.rows(pattern)
    ids = [row.get("task_id", "left out") for row in rows]

    assert {"..", "a/b", "", "left out"} <= {text for text in ids if isinstance(text, str)}
    assert None in ids
    assert any("status" not in row for row in rows)
    assert any("resume_mode" not in row for row in rows)
    assert {"sometimes", "manual", None} <= {row.get("resume_mode") for row in rows}
    assert "ASCENDING" in {row.get("status") for row in rows}
    assert len(ids) == len(set(ids))

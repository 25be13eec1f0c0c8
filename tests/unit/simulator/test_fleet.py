from enforcer.simulator.fleet import Fleet


def a_row(task_id="a" * 32, **fields):
    return {"task_id": task_id, "resume_mode": "manual", "status": "INCRMIGEATING"} | fields


def a_fleet(*rows, **settings):
    return Fleet(list(rows), **settings)


def status(fleet, now, task_id="a" * 32):
    return fleet.find(task_id, now)["status"]


def test_a_switch_to_auto_leads_through_a_full_sync_and_back():
    fleet = a_fleet(a_row(), full_sync_share=1, full_sync_for=60)
    fleet.set_mode(fleet.find("a" * 32, 0), "auto", 10.0)

    assert status(fleet, 69.9) == "FULLMIGRATING"
    assert status(fleet, 70.0) == "INCRMIGEATING"


def test_no_full_sync_without_a_change_or_towards_manual_or_with_a_share_of_nothing():
    already = a_fleet(a_row(resume_mode="auto"), full_sync_share=1)
    already.set_mode(already.find("a" * 32, 0), "auto", 0)
    manual = a_fleet(a_row(resume_mode="auto"), full_sync_share=1)
    manual.set_mode(manual.find("a" * 32, 0), "manual", 0)
    never = a_fleet(a_row(), full_sync_share=0)
    never.set_mode(never.find("a" * 32, 0), "auto", 0)

    assert {status(fleet, 1) for fleet in (already, manual, never)} == {"INCRMIGEATING"}


def test_a_share_of_the_switched_tasks_syncs():
    ids = [f"{number:032x}" for number in range(400)]
    fleet = a_fleet(*(a_row(task_id) for task_id in ids), full_sync_share=0.25)
    for task_id in ids:
        fleet.set_mode(fleet.find(task_id, 0), "auto", 0)
    syncing = sum(row["status"] == "FULLMIGRATING" for row in fleet.rows(1))

    assert 60 <= syncing <= 140


def test_a_status_that_a_person_set_meanwhile_stays():
    fleet = a_fleet(a_row(), full_sync_share=1, full_sync_for=5)
    fleet.set_mode(fleet.find("a" * 32, 0), "auto", 0)
    fleet.edit("a" * 32, {"status": "FAILED"})

    assert status(fleet, 100) == "FAILED"


def test_a_removed_task_is_neither_listed_nor_found():
    fleet = a_fleet(a_row(), a_row("b" * 32))
    fleet.remove("a" * 32)

    assert fleet.find("a" * 32, 0) is None
    assert [row["task_id"] for row in fleet.rows(0)] == ["b" * 32]


def test_rows_without_a_usable_id_are_listed_and_cannot_be_found():
    fleet = a_fleet({"task_name": "nameless"}, a_row(None), a_row(42))

    assert len(fleet.rows(0)) == 3
    assert fleet.find("None", 0) is None

"""
Made-up migration tasks, as ListMigrationTask rows; the same for the same seed.

Names say what the example policy ``policies/nightly.yaml`` wants: tasks named ``*-wan-*``, ``dr-*`` and
``cache-*`` are to be manual, ``pay-*`` is to be auto, all others are left alone. Without drift every task
is as that policy wants it. A drift of F gives F of the *governed* tasks (named by a rule, online, incremental,
and in a running state) the other mode: about a third of those are ``pay-*`` tasks found manual, the rest are
found auto. So the risky direction, to auto, stays the smaller one.
"""

import random
import uuid
from typing import Any

from enforcer.simulator.chance import hexadecimal

Row = dict[str, Any]

_OPPOSITE = {"auto": "manual", "manual": "auto"}
# Family of names and what the example policy wants of it; None where no rule speaks.
_FAMILIES: tuple[tuple[str, str | None], ...] = (
    ("pay-orders", "auto"),
    ("sh-wan", "manual"),
    ("crm-contacts", None),
    ("cache-session", "manual"),
    ("pay-refunds", "auto"),
    ("dr-orders", "manual"),
    ("gz-wan", "manual"),
    ("search-index", None),
    ("cache-catalog", "manual"),
    ("pay-ledger", "auto"),
    ("dr-sessions", "manual"),
    ("dcs-migration", None),
)
_ONLINE = ("online_migration", "incremental_migration")
_IMPORT = ("backupfile_import", "full_amount_migration")
# Kind, status, and how often it occurs among 100.
_CONDITIONS: tuple[tuple[tuple[str, str], str, int], ...] = (
    (_ONLINE, "INCRMIGEATING", 76),  # the API's own spelling
    (_ONLINE, "MIGRATING", 8),
    (_ONLINE, "FULLMIGRATING", 2),
    (_ONLINE, "SUCCESS", 4),
    (_ONLINE, "TERMINATED", 4),
    (_ONLINE, "FAILED", 2),
    (_IMPORT, "SUCCESS", 4),
)
_RUNNING = frozenset({"MIGRATING", "FULLMIGRATING", "INCRMIGEATING"})
_SITES = ("sh", "bj", "gz")


def rows(*, tasks: int, drift: float, seed: int) -> list[Row]:
    """Return *tasks* rows, a share *drift* (0 to 1) of the governed ones with the mode that is not wanted."""
    dice = random.Random(seed)  # noqa: S311 - the point is to be predictable
    made = [_row(number, tasks, seed, dice) for number in range(tasks)]
    _drift(made, drift)
    dice.shuffle(made)
    return made


def wanted(row: Row) -> str | None:
    """Return the mode that the example policy wants of *row*, None if it leaves the row alone."""
    runs = (row["migration_type"], row["migration_method"]) == _ONLINE and row["status"] in _RUNNING
    return dict(_FAMILIES)[row["task_name"].rpartition("-")[0]] if runs else None


def _row(number: int, tasks: int, seed: int, dice: random.Random) -> Row:
    family, mode = _FAMILIES[number % len(_FAMILIES)]
    kind, status = _condition(number, dice)
    day = f"2026-{dice.randint(1, 9):02}-{dice.randint(1, 28):02}"
    return {
        "task_id": _task_id(dice),
        "task_name": f"{family}-{1 + number // len(_FAMILIES)}",
        "status": status,
        "migration_type": kind[0],
        "migration_method": kind[1],
        "ecs_tenant_private_ip": f"192.168.{dice.randint(0, 63)}.{dice.randint(2, 250)}",
        **_source(kind, dice.randint(1, max(1, tasks // 3)), seed, dice),
        **_target(dice.randint(1, max(1, tasks * 2 // 3)), seed),
        "created_at": f"{day}T{dice.randint(0, 23):02}:{dice.randint(0, 59):02}:08.508Z",
        "description": "",
        "error_message": None,
        "released_at": "" if status in _RUNNING else f"{day.replace('-', '')}2359",
        "version": "6.0.21",
        "resume_mode": mode or dice.choice(("auto", "manual")),
        "supported_features": [],
    }


def _condition(number: int, dice: random.Random) -> tuple[tuple[str, str], str]:
    # The first of each family always runs, so that even a small fleet has something for every rule.
    weights = [weight for *_, weight in _CONDITIONS]
    kind, status, _ = dice.choices(_CONDITIONS, weights)[0]
    return (_ONLINE, "INCRMIGEATING") if number < len(_FAMILIES) else (kind, status)


def _task_id(dice: random.Random) -> str:
    # Both spellings stand in the API's examples.
    identity = uuid.UUID(int=dice.getrandbits(128), version=4)
    return str(identity) if dice.random() < 0.7 else identity.hex


def _source(kind: tuple[str, str], number: int, seed: int, dice: random.Random) -> Row:
    if kind == _IMPORT:
        return {"data_source": f"backups-{number}", **_instance("source", None, seed)}
    if dice.random() < 0.1:  # self-hosted: an address and no instance
        return {"data_source": f"10.8.0.{number % 250}:6379", **_instance("source", None, seed)}
    return {"data_source": f"10.0.0.{number % 250}:6379", **_instance("source", number, seed)}


def _target(number: int, seed: int) -> Row:
    return {"target_instance_addrs": f"10.1.0.{number % 250}:6379", **_instance("target", number, seed)}


def _instance(side: str, number: int | None, seed: int) -> Row:
    """Return the five fields of one side, empty for *number* None; few numbers make shared instances."""
    if number is None:
        return dict.fromkeys(
            (f"{side}_instance_{field}" for field in ("id", "name", "status", "subnet_id", "spec_code")), ""
        )
    identity = hexadecimal(32, seed, side, number)
    return {
        f"{side}_instance_id": str(uuid.UUID(identity)),
        f"{side}_instance_name": f"{_SITES[number % len(_SITES)]}-redis-{side[0]}{number}",
        f"{side}_instance_status": "RUNNING",
        f"{side}_instance_subnet_id": f"192.168.{number % 64}.0/24",
        f"{side}_instance_spec_code": "redis.ha.xu1.large.r2.4",
    }


def _drift(made: list[Row], drift: float) -> None:
    """Turn the mode of a share *drift* of the governed rows around, in place."""
    to_auto = [row for row in made if wanted(row) == "auto"]
    to_manual = [row for row in made if wanted(row) == "manual"]
    total = round(drift * (len(to_auto) + len(to_manual)))
    first = max(min(len(to_auto), round(total / 3)), total - len(to_manual))
    for row in (*to_auto[:first], *to_manual[: total - first]):
        row["resume_mode"] = _OPPOSITE[row["resume_mode"]]

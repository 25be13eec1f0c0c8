"""The tasks and the policies that the bench works with: the same ones every time, with nothing left to chance."""

import hashlib
from collections.abc import Iterator

PROJECT_ID = "0123456789abcdef0123456789abcdef"

ALL_MANUAL = """\
version: 1
name: all-manual
rules:
  - {id: all-manual, match: {task_id: "*"}, mode: manual}
default: leave
limits:
  rate: unlimited
  to_manual: {max: unlimited, per_day: unlimited, per_source_instance: unlimited, per_target_instance: unlimited}
"""


def task_id(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:32]


def task_name(number: int) -> str:
    """Return a name that rules of `thousand_rules` find by its beginning, its middle and its end."""
    return f"svc-{number % 600:03}-mid-{number % 241:03}-{number}-x{number % 199:03}"


def row(number: int) -> dict[str, object]:
    """Return a running task as a row of the list, with every field that the API documents but the mode."""
    return {
        "task_id": task_id(number),
        "task_name": task_name(number),
        "status": "INCRMIGEATING",
        "migration_type": "online_migration",
        "migration_method": "incremental_migration",
        "ecs_tenant_private_ip": "192.168.12.34",
        "data_source": "10.0.0.17:6379",
        "source_instance_name": f"sh-redis-s{number % 997}",
        "source_instance_id": f"8a7f0000-0000-4000-8000-{number % 997:012}",
        "source_instance_status": "RUNNING",
        "source_instance_subnet_id": "192.168.0.0/24",
        "source_instance_spec_code": "redis.ha.xu1.large.r2.4",
        "target_instance_addrs": "10.1.0.18:6379",
        "target_instance_name": f"bj-redis-t{number % 1999}",
        "target_instance_id": f"6c1f0000-0000-4000-8000-{number % 1999:012}",
        "target_instance_status": "RUNNING",
        "target_instance_subnet_id": "192.168.1.0/24",
        "target_instance_spec_code": "redis.ha.xu1.large.r2.4",
        "created_at": "2026-03-04T05:06:07.508Z",
        "description": "",
        "error_message": None,
        "released_at": "",
        "version": "6.0.21",
        "supported_features": [],
    }


def thousand_rules() -> str:
    """Return a policy: 400 rules by exact id, 300 by prefix, 100 by suffix, 120 inner globs, 80 regexes."""
    lines = ["version: 1", "name: thousand-rules", "rules:"]
    for number, match in enumerate(_matches()):
        lines += [f"  - id: rule-{number}", f"    match: {match}", "    mode: manual"]
    lines += ["default: leave", "limits:", "  rate: unlimited", "  to_manual: {max: unlimited, per_day: unlimited}"]
    return "\n".join([*lines, ""])


def _matches() -> Iterator[str]:
    yield from (f'{{task_id: "{task_id(number * 25)}"}}' for number in range(400))
    yield from (f'{{task_name: "svc-{number:03}-*"}}' for number in range(300))
    yield from (f'{{task_name: "*-x{number:03}"}}' for number in range(100))
    yield from (f'{{task_name: "*-mid-{number:03}-*"}}' for number in range(120))
    yield from (f"{{task_name: 're:svc-{number:03}-mid-[0-9]+-\\d+-x\\d*'}}" for number in range(500, 580))

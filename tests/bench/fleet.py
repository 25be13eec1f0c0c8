"""The tasks and the policies that the bench works with: the same ones every time, with nothing left to chance."""

import hashlib
from collections.abc import Iterator

from enforcer.model.rule import Match

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


def all_manual(endpoint: str, targets: int) -> str:
    """Return ALL_MANUAL with so many targets, each a project of its own behind *endpoint*."""
    rows = [
        f"  - {{name: target-{number}, region: eu-west-101, endpoint: '{endpoint}', project_id: {number:032x}}}"
        for number in range(1, targets + 1)
    ]
    return "\n".join([ALL_MANUAL + "targets:", *rows, ""])


def task_id(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:32]


def task_name(number: int, rules: int = 1_000) -> str:
    """Return a name that some of *rules* `matches` find by its beginning, its middle or its end."""
    beginnings, middles, ends = 6 * rules // 10, 241 * rules // 1000, 199 * rules // 1000
    return f"svc-{number % beginnings:03}-mid-{number % middles:03}-{number}-x{number % ends:03}"


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


def matches(rules: int) -> Iterator[Match]:
    """Yield as many matches: 40% by exact id, 30% by prefix, 10% by suffix, 12% inner globs, 8% regexes."""
    yield from (Match(task_id=(task_id(number * 25),)) for number in range(40 * rules // 100))
    yield from (Match(task_name=(f"svc-{number:03}-*",)) for number in range(30 * rules // 100))
    yield from (Match(task_name=(f"*-x{number:03}",)) for number in range(10 * rules // 100))
    yield from (Match(task_name=(f"*-mid-{number:03}-*",)) for number in range(12 * rules // 100))
    from_half = range(50 * rules // 100, 58 * rules // 100)
    yield from (Match(task_name=(f"re:svc-{number:03}-mid-[0-9]+-\\d+-x\\d*",)) for number in from_half)


def policy_text(rules: int) -> str:
    """Return a policy with a rule for each of `matches`."""
    lines = ["version: 1", "name: many-rules", "rules:"]
    for number, match in enumerate(matches(rules)):
        ((name, (pattern,)),) = ((name, texts) for name in ("task_id", "task_name") if (texts := getattr(match, name)))
        lines += [f"  - id: rule-{number}", f"    match: {{{name}: '{pattern}'}}", "    mode: manual"]
    lines += ["default: leave", "limits:", "  rate: unlimited", "  to_manual: {max: unlimited, per_day: unlimited}"]
    return "\n".join([*lines, ""])

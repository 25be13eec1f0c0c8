"""A row as ShowMigrationTask tells it: more fields, other time formats, and readable Redis passwords.

The documented example shows the passwords too. They begin with PASSWORD_MARK, so that a test can look for
it in everything a client writes.
"""

from enforcer.simulator.chance import hexadecimal
from enforcer.simulator.inventory import Row

PASSWORD_MARK = "SimRedisPw-"  # noqa: S105 - a mark to look for, not a password
_FLAT = (
    "task_id",
    "task_name",
    "description",
    "status",
    "migration_type",
    "migration_method",
    "ecs_tenant_private_ip",
    "released_at",
    "version",
    "resume_mode",
    "supported_features",
)


def of(row: Row) -> Row:
    """Return the details of *row*; a field that the row lacks is missing here too."""
    created = str(row.get("created_at", ""))[:19].replace("-", "/").replace("T", " ")
    return {
        **{field: row[field] for field in _FLAT if field in row},
        "network_type": "vpc",
        "created_at": created,
        "updated_at": "",
        "tenant_vpc_id": hexadecimal(32, "vpc"),
        "tenant_subnet_id": hexadecimal(32, "subnet"),
        "tenant_security_group_id": hexadecimal(32, "security group"),
        "bandwidth_limit_mb": row.get("bandwidth_limit_mb", _bandwidth_limit(row)),
        "task_status": "",
        "backup_files": _backup_files(row),
        "source_instance": _instance("source", str(row.get("data_source", "")), row),
        "target_instance": _instance("target", str(row.get("target_instance_addrs", "")), row),
    }


def _bandwidth_limit(row: Row) -> str:
    """Return the text of a limit in MB/s; empty for one task in four, which has none."""
    number = int(hexadecimal(8, "bandwidth", row.get("task_id")), 16)
    return "" if number % 4 == 0 else str(10 * (1 + number % 5))


def _backup_files(row: Row) -> Row:
    if row.get("migration_type") != "backupfile_import":
        return {}
    file = {"file_name": "dump.rdb", "size": "1048576", "update_at": "2026-01-02 03:04:05"}
    return {"file_source": "self_build_obs", "bucket_name": row.get("data_source"), "files": [file]}


def _instance(side: str, addrs: str, row: Row) -> Row:
    host, _, port = addrs.partition(":")
    return {
        "addrs": addrs,
        "password": PASSWORD_MARK + hexadecimal(12, side, addrs),
        "task_status": "RUNNING",
        "id": row.get(f"{side}_instance_id"),
        "ip": host,
        "port": port,
        "name": row.get(f"{side}_instance_name"),
        "proxy_multi_db": False,
        "db": "",
    }

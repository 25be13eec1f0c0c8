"""Rows that no client should trust: odd ids, names that attack what prints them, fields missing or unknown.

All of them look as if a rule of the example policy wanted another mode, so a careless client would act on them.
"""

from enforcer.simulator.inventory import Row

_ODD_IDS: tuple[object, ...] = (
    "..",
    ".",
    "",
    "a/b",
    "..%2fmigration-tasks",
    "a?x=1",
    "a#f",
    "线路-1",
    "a\x00b",
    "a\r\nX-Injected: yes",
    "a" * 10_000,
    None,
    42,
)
_ODD_NAMES: tuple[object, ...] = (
    "pay-\x1b[2J\x1b[31mred",
    "pay-\r\n2026-01-01 INFO all good",
    "pay-\u202egnp.exe",
    "=cmd|' /C calc'!A0",
    "pay-<script>alert(1)</script>",
    "pay-" + "x" * 100_000,
    "",
    None,
)
_ODD_FIELDS: tuple[Row, ...] = (
    {"task_name": "pay-odd-1", "resume_mode": "sometimes"},
    {"task_name": "pay-odd-2", "resume_mode": None},
    {"task_name": "pay-odd-3", "status": "ASCENDING"},
    {"task_name": "pay-odd-4", "status": None},
    {"task_name": "pay-odd-5", "error_message": "\x1b]0;owned\x07 <b>boom</b>\r\n"},
)


def rows(pattern: Row) -> list[Row]:
    """Return the hostile rows; what they do not spoil they take from *pattern*."""
    sound = pattern | {"status": "INCRMIGEATING", "resume_mode": "manual"}
    spoiled = [
        *({"task_id": odd, "task_name": f"pay-id-{number}"} for number, odd in enumerate(_ODD_IDS)),
        *({"task_name": odd} for odd in _ODD_NAMES),
        *_ODD_FIELDS,
    ]
    made = [sound | {"task_id": f"{number:032x}"} | odd for number, odd in enumerate(spoiled, start=1)]
    return [*made, *(_without(sound, field, len(made) + at) for at, field in enumerate(_LEFT_OUT, start=1))]


_LEFT_OUT = ("task_id", "status", "resume_mode", "task_name")


def _without(sound: Row, field: str, number: int) -> Row:
    row = sound | {"task_id": f"{number:032x}", "task_name": f"pay-without-{field.replace('_', '-')}"}
    del row[field]
    return row

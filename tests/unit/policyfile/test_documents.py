"""The policies and documents that come with the product hold what they promise."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from enforcer.cli.commands.schema import command
from enforcer.model.limits import DEFAULT_TO_AUTO, Limits
from enforcer.model.policy import DEFAULT_ELIGIBLE
from enforcer.model.rollout import Gate, Rollout
from enforcer.model.rule import Match, PolicyMode
from enforcer.policyfile import keys, load, load_text, schema
from enforcer.policyfile.rollout import MAX_WAVES

ROOT = Path(__file__).parents[3]
REFERENCE = (ROOT / "docs" / "policy.md").read_text()
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", REFERENCE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_policy_in_the_reference_is_valid(block):
    assert load_text(block.encode(), "policy.md").files == ("policy.md",)


def test_the_reference_spells_the_built_in_eligible():
    [block] = [block for block in BLOCKS if "INCRMIGEATING, INCRMIGRATING" in block]

    assert load_text(block.encode(), "x").eligible == DEFAULT_ELIGIBLE


def keys_of(part: Any) -> set[str]:
    """Return every key that the schema *part* knows, at any depth."""
    if isinstance(part, list):
        return {key for each in part for key in keys_of(each)}
    if not isinstance(part, dict):
        return set()
    return set(part.get("properties", ())) | {key for each in part.values() for key in keys_of(each)}


def test_the_reference_names_every_key():
    found = keys_of(schema.document())

    assert {"version", "iam_endpoint", "priority", "max", "not", "task_id"} <= found
    assert [key for key in sorted(found) if f"`{key}`" not in REFERENCE] == []


def test_the_reference_states_the_built_in_rollout():
    usual = Rollout()

    assert f"| `[{', '.join(map(str, usual.waves))}]` |" in REFERENCE
    assert f"| `{usual.bake_s}s` |" in REFERENCE
    assert f"| `{usual.poll_s}s` |" in REFERENCE
    assert f"| `{usual.on_fail}` |" in REFERENCE
    assert f"1 to {MAX_WAVES} numbers" in REFERENCE
    assert usual.gate == Gate(max_full_sync=0, max_failed=0, max_call_errors=0)


def test_the_reference_states_the_bounds():
    limits = Limits()

    assert f"at most {keys.MAX_RULES:,}" in REFERENCE
    for key in ("max", "percent", "per_day", "per_source_instance", "per_target_instance"):
        auto, manual = (getattr(budget, key) for budget in (limits.to_auto, limits.to_manual))
        unit = "%" if key == "percent" else ""
        assert re.search(rf"^\| `{key}` \|.*\| `{auto}{unit}` \| `{manual}{unit}` \|$", REFERENCE, re.MULTILINE), key
    assert f"`min_population` | {limits.min_population}" in REFERENCE or f"| `{limits.min_population}` |" in REFERENCE
    assert limits.rate is not None
    assert f"| `{limits.rate.text}` |" in REFERENCE
    assert f"| `{limits.concurrency}` |" in REFERENCE
    assert f"| `{limits.max_inventory}` |" in REFERENCE
    assert f"| `{limits.deadline_s // 60}m` |" in REFERENCE
    assert all(f"`{field}`" in REFERENCE for field in Match.__struct_fields__ if field != "not_")


@pytest.mark.parametrize("path", sorted((ROOT / "policies").glob("*.y*ml")), ids=lambda path: path.name)
def test_every_example_policy_is_valid_and_needs_no_target(path):
    loaded = load(str(path))

    assert loaded.name == path.stem
    assert loaded.targets == ()
    assert loaded.rules
    assert path.read_text().startswith("# yaml-language-server: $schema=")


def test_no_rule_of_the_nightly_example_expires_soon():
    loaded = load(str(ROOT / "policies" / "nightly.yaml"))

    assert all(each.expires is None or each.expires - datetime.now(UTC) > timedelta(days=30) for each in loaded.rules)
    assert [each.id for each in loaded.rules] == [
        "wan-links-stay-manual",
        "payments-reconnect",
        "caches-stay-manual",
        "being-rebuilt",
    ]


def test_the_incident_example_turns_everything_manual_and_nothing_auto():
    loaded = load(str(ROOT / "policies" / "incident.yaml"))

    assert {each.mode for each in loaded.rules} == {PolicyMode.MANUAL}
    assert [each.match.task_id for each in loaded.rules] == [("*",)]
    assert loaded.limits.to_auto == replace(DEFAULT_TO_AUTO, max=0, written=frozenset(["max"]))
    held = (loaded.limits.to_manual.max, loaded.limits.to_manual.per_day, loaded.limits.to_manual.per_source_instance)
    assert held == (None, None, None)


def test_the_schema_command_prints_the_schema():
    result = CliRunner().invoke(command, [])

    assert result.exit_code == 0
    assert json.loads(result.stdout) == schema.document()
    assert '\n  "title"' in result.stdout


def test_the_help_of_the_schema_command_ends_with_an_example():
    assert "Example: enforcer schema" in CliRunner().invoke(command, ["--help"]).stdout.splitlines()[-1]

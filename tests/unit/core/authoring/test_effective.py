"""Every value in force, and where it came from."""

from typing import Any

from enforcer.core.authoring.effective import BUILT_IN, values
from enforcer.policyfile import load_text, schema


def shown(text=""):
    policy = load_text(f"version: 1\n{text}".encode(), "p.yaml")
    return {each.key: (each.text, each.origin) for each in values(policy)}


def test_what_is_written_has_its_line_and_what_is_not_is_built_in():
    found = shown("limits:\n  rate: 2/s\n  to_auto:\n    percent: 10%\n")

    assert found["limits.rate"] == ("2/s", "p.yaml:3")
    assert found["limits.to_auto.percent"] == ("10%", "p.yaml:5")
    assert found["limits.to_auto.max"] == ("10", BUILT_IN)
    assert found["limits.deadline"] == ("5400s", BUILT_IN)
    assert found["limits.inventory.max_shrink"] == ("50%", BUILT_IN)
    assert found["default"] == ("leave", BUILT_IN)


def test_unlimited_is_only_what_is_spelled():
    found = shown("limits: {to_auto: {max: unlimited, per_day: 9}}")

    assert found["limits.to_auto.max"] == ("unlimited", "p.yaml:2")
    assert found["limits.to_auto.per_day"] == ("9", "p.yaml:2")
    assert found["limits.to_auto.percent"] == ("20%", BUILT_IN)
    assert found["limits.to_manual.percent"] == ("100%", BUILT_IN)


def test_eligible_is_replaced_as_a_whole():
    assert shown()["eligible.migration_type"] == ("online_migration", BUILT_IN)
    assert [key for key in shown("eligible: {status: [X, Y]}") if key.startswith("eligible")] == ["eligible.status"]
    assert shown("eligible: {status: [X, Y]}")["eligible.status"] == ("X, Y", "p.yaml:2")
    assert shown("eligible: pay-*")["eligible.task_id"] == ("pay-*", "p.yaml:2")
    assert shown("eligible: {}")["eligible"] == ("every task", "p.yaml:2")


def test_windows_targets_and_rules_stand_by_their_places():
    found = shown(
        "freeze:\n  - {days: Mon-Fri, from: '08:00', to: '20:00', timezone: Europe/Berlin, directions: to_auto}\n"
        "targets:\n  - {name: eu, region: eu-west-101}\n"
        "rules:\n  - {id: wan, match: x, mode: manual}\n"
    )

    assert found["freeze.1"] == ("Mon, Tue, Wed, Thu, Fri 08:00 to 20:00 Europe/Berlin, to_auto", "p.yaml:3")
    assert found["targets.eu"] == ("eu-west-101", "p.yaml:5")
    assert found["rules.wan"] == ("manual", "p.yaml:7")


def test_every_key_of_limits_and_rollout_is_among_them():
    def keys(part: Any, before: str) -> set[str]:
        inner = part.get("properties", {})
        found = {f"{before}.{key}" for key, value in inner.items() if "properties" not in value}
        return found.union(*(keys(value, f"{before}.{key}") for key, value in inner.items()))

    language = schema.document()["properties"]
    wanted = keys(language["limits"], "limits") | keys(language["rollout"], "rollout")

    assert len(wanted) > 20
    assert wanted <= set(shown())

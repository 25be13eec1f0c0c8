"""What is refused, where, and in which words."""

import pytest

from enforcer.errors import ExitCode, PolicyError
from enforcer.policyfile import load_text

KEYS = "version, name, targets, eligible, rules, overrides, tests, default, limits, freeze, rollout, history or notify"
FIELDS = (
    "task_id, task_name, status, migration_type, migration_method, source_instance_id, source_instance_name, "
    "target_instance_id, target_instance_name, target or not"
)
RATE = "N/s, N/m or N/h with at most 3 decimals, like 5/s or 0.5/s, or unlimited"


def problems(text: str | bytes, name: str = "p.yaml") -> list[str]:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(PolicyError) as refused:
        load_text(data, name)
    assert refused.value.exit_code is ExitCode.DATA
    return [str(problem) for problem in refused.value.problems]


def in_rule(text: str) -> list[str]:
    return problems(f"version: 1\nrules:\n- {text}")


def test_every_problem_is_reported_at_once_in_the_order_of_the_text():
    found = problems(
        """\
version: 2
deafult: leave
rules:
  - id: a
    match: {task_nam: x}
    mode: atuo
  - id: a
    match: []
limits: {rate: 5, concurrency: 0}
"""
    )

    assert found == [
        "p.yaml:1:10: unknown version '2'; expected 1",
        f"p.yaml:2:1: unknown key 'deafult'; expected {KEYS}. Did you mean 'default'?",
        f"p.yaml:5:13: unknown key 'task_nam'; expected {FIELDS}. Did you mean 'task_name'?",
        "p.yaml:6:11: unknown mode 'atuo'; expected auto, manual or leave. Did you mean 'auto'?",
        "p.yaml:7:5: no 'mode' in a rule; expected mode: auto, manual or leave",
        "p.yaml:7:9: id 'a' is taken; p.yaml:4 has it already",
        "p.yaml:8:12: an empty list; expected a pattern, or a list of them",
        f"p.yaml:9:16: '5' is no rate; expected {RATE}",
        "p.yaml:9:32: '0' is not possible here; expected a whole number from 1 to 256",
    ]


@pytest.mark.parametrize(
    "text",
    ["rollout: {order: risk}", "limits: {inventory: {max_growth: 300%}}", "limits: {to_auto: {days: 5}}"],
)
def test_a_key_without_effect_is_unknown(text):
    [found] = problems(f"version: 1\n{text}")

    assert "unknown key" in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 1\ndefault:", "2:9: nothing; expected auto, manual or leave"),
        ("version: 1\nname: ~", "2:7: ~, which is nothing (in quotes it is a word); expected 1 to 100 characters"),
        ("version: 1\ndefault: [auto]", "2:10: a list; expected auto, manual or leave"),
        ("version: 1\nrules: {}", "2:8: a mapping; expected a list of rules"),
        ("version: 1\nrules: x", "2:8: 'x'; expected a list of rules"),
        ("version: 1\ntargets: []", "2:10: 0 items in a list of targets; expected at least 1"),
        ("version: 1\neligible: [[x]]", "2:12: a list; expected a pattern"),
        ("version: 1\neligible: {task_id: {a: b}}", "2:21: a mapping; expected a pattern, or a list of them"),
        ("version: 1\nlimits: {to_auto: 5}", "2:19: '5'; expected a mapping with max"),
        ("- a", "1:1: a list; expected a mapping with version, name, targets"),
        ("name: x", "1:1: no 'version' in a policy; expected version: 1"),
        ("{}", "1:1: no 'version' in a policy; expected version: 1"),
    ],
)
def test_the_wrong_kind_of_value_is_named_at_its_place(text, message):
    [found] = problems(text)

    assert found.startswith(f"p.yaml:{message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{id: a, mode: auto, match: {}}", 'an empty match; expected at least one match field, or task_id: "*"'),
        ("{id: a, mode: auto, match: {not: {}}}", "an empty not would exclude every task"),
        ("{id: a, mode: auto, match: {not: {not: x}}}", "unknown key 'not'"),
        ('{id: a, mode: auto, match: ""}', "a pattern is empty"),
        ('{id: a, mode: auto, match: "[x"}', "a [ is never closed"),
        ('{id: a, mode: auto, match: "x\\\\"}', "a pattern ends with a single \\"),
        ('{id: a, mode: auto, match: "re:(?=x)"}', "RE2 refuses the expression"),
        ('{id: a, mode: auto, match: "a\\tb"}', "a pattern has a tab or a line break in it"),
        ("{id: a, mode: Auto, match: x}", "unknown mode 'Auto'; expected auto, manual or leave. Did you mean 'auto'?"),
        ("{id: a, mode: true, match: x}", "unknown mode 'true'; expected auto, manual or leave"),
        ('{id: " ", mode: auto, match: x}', "' ' is no possible name"),
        ("{id: a, mode: auto, match: x, reason: ' '}", "' ' is no possible reason"),
        ("{id: a, mode: auto, match: x, priority: 1001}", "expected a whole number from -1000 to 1000"),
        ("{id: a, mode: auto, match: x, priority: 1.0}", "expected a whole number from -1000 to 1000"),
        ("{id: a, mode: auto, match: x, priority: " + "9" * 900 + "}", "expected a whole number from -1000 to 1000"),
        ("{id: a, mode: auto, match: x, expires: 2026-02-30T00:00:00Z}", "is in no calendar"),
        ("{id: a, mode: auto, match: x, expires: 0001-01-01T00:00:00+23:59}", "is in no calendar"),
        ("{id: a, mode: auto, match: x, expires: 2026-02-03T00:00:00}", "is no time; expected a date, time and zone"),
        ("{id: a, mode: auto, match: x, expires: 2026-02-03}", "is no time; expected a date, time and zone"),
        ("{id: a, mode: auto, match: x, expires: tomorrow}", "is no time; expected a date, time and zone"),
    ],
)
def test_a_rule_with_a_fault_is_refused(text, message):
    [found] = in_rule(text)

    assert message in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{name: a b}", "'a b' is no possible name"),
        ("{name: " + "a" * 65 + "}", "is no possible name"),
        ("{name: a, region: EU}", "'EU' is no region"),
        ("{name: a, project_id: ../x}", "'../x' is no project id"),
        ("{name: a, endpoint: http://dcs.example}", "plain http"),
        ("{name: a, iam_endpoint: 'https://a:b@c'}", "a user name or a password"),
        ("{name: a, rate: 0/s}", "would never send anything"),
        ("{name: a, rate: unlimited}", "the rate of one target cannot be unlimited"),
        ("{region: a}", "no 'name' in a target; expected name: 1 to 64 letters"),
        ("{name: a, secret_key: x}", "unknown key 'secret_key'"),
    ],
)
def test_a_target_with_a_fault_is_refused(text, message):
    [found] = problems(f"version: 1\ntargets:\n- {text}")

    assert message in found


def test_two_targets_of_one_name_are_refused():
    assert problems("version: 1\ntargets: [{name: a}, {name: b},\n {name: a}]") == [
        "p.yaml:3:9: name 'a' is taken; p.yaml:2 has it already"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "no 'from' in a freeze window; expected from: hours and minutes from 00:00 to 24:00"),
        ("{from: 8:00, to: '20:00'}", "'8:00' is no time of day; expected hours and minutes"),
        ("{from: '08:00', to: '24:01'}", "'24:01' is no time of day"),
        ("{from: '08:00', to: '20:00', days: mon}", "'mon' is no day; expected a day or a range of days, like Mon or"),
        ("{from: '08:00', to: '20:00', days: [Mon-Fri, Weekend]}", "'Weekend' is no day"),
        ("{from: '08:00', to: '20:00', timezone: Europe/Berln}", "unknown time zone 'Europe/Berln'"),
        ("{from: '08:00', to: '20:00', timezone: ../../etc/passwd}", "'../../etc/passwd' is no time zone"),
        ("{from: '08:00', to: '20:00', timezone: Europe}", "unknown time zone 'Europe'"),
        ("{from: '08:00', to: '20:00', directions: auto}", "unknown direction 'auto'; expected to_auto or to_manual"),
        ("{from: '08:00', to: '20:00', directions: []}", "an empty list; expected to_auto or to_manual"),
    ],
)
def test_a_freeze_window_with_a_fault_is_refused(text, message):
    found = problems(f"version: 1\nfreeze:\n- {text}")

    assert message in found[0]


@pytest.mark.parametrize("text", ["-1%", "101%", "1.5%", "20", "020%", "20 %", "~", "[20%]"])
def test_a_share_is_whole_per_cents_or_unlimited(text):
    [found] = problems(f"version: 1\nlimits: {{to_auto: {{percent: {text}}}}}")

    assert "expected a whole share from 0% to 100%, like 20%, or unlimited" in found


@pytest.mark.parametrize("text", ["-1", "1.5", "1e3", "none", "Unlimited", "~", "[1]", "1000000000", "10%"])
def test_a_budget_is_a_whole_number_or_unlimited(text):
    [found] = problems(f"version: 1\nlimits: {{to_manual: {{max: {text}}}}}")

    assert "expected a whole number from 0, or unlimited" in found


def test_a_thousand_and_more_problems_are_cut_with_a_word():
    found = problems("version: 1\nrules: [" + "{}," * 2000 + "]")

    assert len(found) == 1001
    assert found[-1].endswith("more than 1000 problems; the rest is not listed")


def test_a_file_name_cannot_write_to_the_terminal():
    [found] = problems("version: 2", name="a\x1b[31m\udc80\u202e.yaml")

    assert found.isprintable()

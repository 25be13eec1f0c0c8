"""A freeze holds changes back through the command, and broken glass lets them pass and says so."""

from datetime import UTC, datetime, timedelta

from tests.e2e.policies import adds_up, drifting, modes_sent, nightly, states
from tests.simulated import simulator


def frozen_now(hours=2):
    """Windows that hold changes to auto from an hour ago on; their end is *hours* away."""
    begin, end = (datetime.now(UTC) + timedelta(hours=step) for step in (-1, hours))
    window = f'from: "{begin:%H:%M}", to: "{end:%H:%M}", timezone: UTC, directions: [to_auto], reason: business hours'
    return f"freeze:\n  - {{{window}}}\n"


def test_changes_in_a_frozen_direction_are_deferred_and_the_others_go(enforcer):
    with simulator(drift=0.5) as cloud:
        wanted = drifting(cloud.tasks())
        policy = enforcer.policy(nightly() + frozen_now())
        planned = enforcer("plan", policy, env=cloud.env)
        applied = enforcer("apply", policy, "--yes", env=cloud.env)

        assert (planned.code, applied.code) == (3, 3), applied
        assert "UTC: business hours" in planned.out
        assert "frozen until " in planned.out
        report = enforcer.report()
        assert adds_up(report)
        assert states(report) == {
            task_id: "deferred" if mode == "auto" else "verified" for task_id, mode in wanted.items()
        }
        assert set(modes_sent(cloud).values()) == {"manual"}


def test_what_was_frozen_goes_when_the_window_is_over(enforcer):
    with simulator(drift=0.5) as cloud:
        policy = enforcer.policy(nightly() + frozen_now(hours=-0.5))

        assert enforcer("apply", policy, "--yes", env=cloud.env).code == 0
        assert drifting(cloud.tasks()) == {}


def test_broken_glass_passes_freeze_and_budget_and_stands_at_the_top(enforcer):
    with simulator(drift=0.5) as cloud:
        policy = enforcer.policy(nightly(to_auto=0) + frozen_now())
        outcome = enforcer("apply", policy, "--yes", "--break-glass", "INC-4211, li.wei", env=cloud.env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
        first = outcome.out.splitlines()[0]
        assert first.startswith("Break-glass: INC-4211, li.wei. Passed: to_auto: frozen until ")
        assert "> 0 (max)" in first
        report = enforcer.report()
        assert report["break_glass"]["reason"] == "INC-4211, li.wei"
        assert enforcer.journalled()["break_glass"] == report["break_glass"]
        assert any(line["event"] == "glass.broken" for line in outcome.log)


def test_broken_glass_wants_a_reason(enforcer):
    with simulator(drift=0.5) as cloud:
        for reason in ("", "  ", "x" * 1001):
            outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", "--break-glass", reason, env=cloud.env)
            assert outcome.code == 64, outcome
        assert cloud.requests() == []

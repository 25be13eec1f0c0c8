"""What hints tell to do is complete: it can be done as it is printed, from any directory of state."""

import pytest

from enforcer.core.fold.notices import notice
from enforcer.model.event import OverridesConflicted
from enforcer.model.rule import PolicyMode
from tests import builders as b

PLACE = ("--state-dir", "/var/lib/my state")


@pytest.mark.parametrize(
    "event",
    [
        b.a_run_recovered(),
        b.a_plan_contradicted("t1", "t2"),
        OverridesConflicted(target="eu", override_ids=("a", "b"), mode=PolicyMode.LEAVE, tasks=1),
    ],
    ids=lambda event: event.kind,
)
def test_a_command_in_a_hint_says_again_where_the_journal_is(event):
    assert "--state-dir '/var/lib/my state'" in (notice(event, PLACE).hint or "")
    assert "--state-dir" not in (notice(event).hint or "")


def test_the_override_that_keeps_what_was_undone_is_whole_up_to_twenty_tasks():
    names = [f"t{number}" for number in range(21)]

    few, many = (notice(b.a_plan_contradicted(*tasks)).hint or "" for tasks in (names[:20], names))

    assert f"enforcer override add {' '.join(names[:20])} --target {b.TARGET} --mode manual --for 24h --reason" in few
    assert "a pattern that fits those tasks in the place of GLOB: enforcer override add GLOB --target" in many

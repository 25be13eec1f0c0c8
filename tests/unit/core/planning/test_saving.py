from enforcer.core.planning.saving import saved_changes
from enforcer.model.plan import Cause, Change, Plan
from enforcer.model.task import ResumeMode
from tests.wishes import a_task


def test_only_what_may_be_sent_is_saved():
    changes = (
        Change(task=a_task("t1"), desired=ResumeMode.AUTO, cause=Cause(name="r")),
        Change(task=a_task("t2"), desired=ResumeMode.AUTO, cause=Cause(name="r"), obstacle="its row is not sound"),
    )
    plan = Plan(target="prod", listed=2, eligible=2, in_sync=0, changes=changes, left=())

    assert ["t1"] == [change.task_id for change in saved_changes(plan, {})]

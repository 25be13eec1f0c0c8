"""The plan of a run that only looks: every listed task is left alone."""

from enforcer.model.plan import Left, Plan
from enforcer.model.task import Inventory, Task

LOOKED_AT = "only looked at"


class Census:
    """A planner under which nothing is to change."""

    def mode_matters(self, task: Task) -> bool:  # noqa: ARG002 - no task's mode does
        return False

    def plan(self, inventory: Inventory) -> Plan:
        return Plan(
            target=inventory.target,
            listed=len(inventory.tasks),
            eligible=0,
            in_sync=0,
            changes=(),
            left=tuple(Left(task=task, reason=LOOKED_AT) for task in inventory.tasks),
        )

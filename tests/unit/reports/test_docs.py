from pathlib import Path

import pytest

from enforcer.model.event import BudgetCount
from enforcer.model.report import override, run, target, task
from enforcer.model.report.run import SCHEMA
from enforcer.model.report.task import State
from enforcer.reports import FORMATS

PAGE = (Path(__file__).parents[3] / "docs" / "report.md").read_text(encoding="utf-8")
OBJECTS = (
    BudgetCount,
    *(run.Report, run.Notice, run.BreakGlass, run.BudgetReport, run.TrendPoint),
    *(target.TargetReport, target.Requests, target.RateReport, target.Timeline, target.Bin),
    *(task.TaskReport, task.Attempt),
    *(override.OverridesReport, override.OverrideReport, override.EndedOverride),
)


@pytest.mark.parametrize("word", [SCHEMA, "report.schema.json", *FORMATS, *State])
def test_the_page_has_every_format_and_state(word):
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize("cls", OBJECTS)
def test_the_page_has_every_key(cls):
    assert [name for name in cls.__struct_fields__ if f"`{name}`" not in PAGE] == []

from dataclasses import fields
from pathlib import Path

import pytest

from enforcer.model import report as model
from enforcer.model.event import BudgetCount
from enforcer.model.report import SCHEMA, State
from enforcer.reports import FORMATS

PAGE = (Path(__file__).parents[3] / "docs" / "report.md").read_text(encoding="utf-8")
OBJECTS = (
    model.BreakGlass,
    model.BudgetReport,
    BudgetCount,
    *(model.Report, model.TargetReport, model.TaskReport, model.Notice, model.Requests, model.RateReport),
    *(model.OverridesReport, model.OverrideReport, model.EndedOverride),
    model.TrendPoint,
    *(model.Attempt, model.Timeline, model.Bin),
)


@pytest.mark.parametrize("word", [SCHEMA, "report.schema.json", *FORMATS, *State])
def test_the_page_has_every_format_and_state(word):
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize("cls", OBJECTS)
def test_the_page_has_every_key(cls):
    assert [field.name for field in fields(cls) if f"`{field.name}`" not in PAGE] == []

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

import enforcer.reports
from enforcer.reports import FORMATS, pieces, render
from enforcer.reports.encoding import json_text
from tests.report_strategies import reports
from tests.sample_reports import FOLDER, SAMPLES, a_report, a_target, a_task, golden, shown

AGAIN = "make samples writes it again"


def test_the_table_names_every_file_of_the_folder_that_renders():
    names = [path.stem for path in Path(enforcer.reports.__path__[0]).glob("*.py") if path.stem != "__init__"]

    assert set(FORMATS) == {name for name in names if hasattr(import_module(f"enforcer.reports.{name}"), "pieces")}


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_renders_as_its_golden_file(name, format_name):
    assert golden(name, format_name).read_bytes().decode() == shown(name, format_name), AGAIN


def test_no_golden_file_is_left_over():
    assert {golden(name, each) for name in SAMPLES for each in FORMATS} == set(FOLDER.iterdir()), AGAIN


@pytest.mark.parametrize("format_name", FORMATS)
@given(report=reports())
@settings(max_examples=50)
def test_any_report_renders_without_a_control_character(report, format_name):
    text = render(report, format_name)

    assert text.endswith("\n")
    assert [line for line in text.split("\n") if not line.isprintable()] == []
    assert text.encode().decode() == text


@pytest.mark.parametrize("format_name", ["json", "html", "junit"])
def test_twice_the_changes_are_more_pieces_and_not_longer_ones(format_name):
    def lengths(changes: int) -> list[int]:
        report = a_report(a_target([a_task(number) for number in range(1000, 1000 + changes)]))
        return [len(piece) for piece in pieces(report, format_name)]

    fewer, more = lengths(600), lengths(1200)

    assert max(more) <= 1.1 * max(fewer)
    assert sum(more) > sum(fewer) + 600 * 100


@given(report=reports())
@settings(max_examples=50)
def test_json_in_pieces_is_json_in_one(report):
    long = replace(report, targets=(a_target([a_task(number) for number in range(450)]), *report.targets))

    assert render(long, "json") == json_text(long)


def test_the_names_of_the_formats_cost_no_imports():
    program = (
        "import sys, enforcer.reports as r; print(len(r.FORMATS), {'rich', 'msgspec', 'jinja2'} & set(sys.modules))"
    )

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert shown.stdout == f"{len(FORMATS)} set()\n"


def test_what_a_terminal_shows_costs_no_templates():
    program = """
import sys
from tests.sample_reports import SAMPLES
from enforcer.reports import render
render(SAMPLES["done"], "text")
print({"jinja2", "xml"} & set(sys.modules))
"""
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert shown.stdout == "set()\n"

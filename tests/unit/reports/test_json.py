import json
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from msgspec import Struct
from msgspec.structs import replace

from enforcer.model.report.run import Report
from enforcer.model.report.target import Totals
from enforcer.model.report.task import State
from enforcer.reports import render
from tests.report_strategies import reports
from tests.sample_reports import SAMPLES, a_report

SCHEMA: dict = json.loads((Path(__file__).parents[3] / "docs" / "report.schema.json").read_bytes())
VALID = Draft202012Validator(SCHEMA)
PER_TARGET = ("name", "endpoint", "project_id", "inventory", "totals", "requests", "rate", "latency_ms", "tasks")


def objects_of(cls: type, path: str = "report") -> dict[str, type]:
    """Return every object of the report by the path that leads to it."""
    found = {path: cls}
    for name, hint in get_type_hints(cls).items():
        for part in (hint, *get_args(hint)):
            if isinstance(part, type) and issubclass(part, Struct):
                found |= objects_of(part, f"{path}.{name}")
    return found


def schema_at(path: str) -> dict:
    """Return the schema of the object at *path*, through arrays, references and ``null``."""
    here: dict = SCHEMA
    for name in path.split(".")[1:]:
        here = here["properties"][name]
        here = here.get("items", here)
        here = next((part for part in here.get("anyOf", ()) if "$ref" in part), here)
        here = SCHEMA["$defs"][here["$ref"].rpartition("/")[2]] if "$ref" in here else here
    return here


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(("path", "cls"), objects_of(Report).items())
def test_the_schema_names_and_requires_the_fields_of_the_model(path, cls):
    schema = schema_at(path)

    assert list(cls.__struct_fields__) == list(schema["properties"])
    assert set(schema["properties"]) == set(schema["required"])
    assert all("description" in part or "$ref" in part for part in schema["properties"].values())


def test_the_schema_knows_every_state():
    assert [state.value for state in State] == schema_at("report.targets.tasks")["properties"]["state"]["enum"]


@pytest.mark.parametrize("broken", [{"exit": {"code": "3", "name": "partial"}}, {"run_id": None}, {"schema": "x/2"}])
def test_the_schema_refuses_what_is_no_report(broken):
    report = json.loads(render(a_report(), "json")) | broken

    assert not VALID.is_valid(report)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_valid(name):
    VALID.validate(json.loads(render(SAMPLES[name], "json")))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_totals_of_a_sample_add_up(name):
    report = json.loads(render(SAMPLES[name], "json"))

    for totals in (report["totals"], *(target["totals"] for target in report["targets"])):
        assert totals["planned"] == sum(totals[state.value] for state in State)
        assert totals["listed"] == totals["in_sync"] + totals["left"] + totals["planned"]
    for field in Totals.__struct_fields__:
        assert report["totals"][field] == sum(target["totals"][field] for target in report["targets"])


@given(reports(surrogates=False))
@settings(max_examples=50)
def test_any_report_is_valid_and_reads_back_whole(report):
    text = render(report, "json")

    VALID.validate(json.loads(text))
    assert msgspec.json.decode(text, type=Report) == report


def test_the_contract_of_the_command_line_holds():
    report = json.loads(render(SAMPLES["done"], "json"))

    assert next(iter(report.items())) == ("schema", "enforcer.report/1")
    assert report["exit"] == {"code": 0, "name": "ok"}
    assert set(PER_TARGET) <= set(report["targets"][0])


def test_it_is_indented():
    assert render(a_report(), "json").startswith('{\n  "schema": "enforcer.report/1",\n  "run_id"')


def test_what_could_act_on_a_terminal_is_escaped_and_reads_back():
    name = "\x7f\x9b31m\u202e\u200b\u2028\U000e0041 支付"
    text = render(a_report(run_id=name), "json")

    assert text.isascii() is False  # what is readable stays so
    assert r"\u007f\u009b31m\u202e\u200b\u2028\udb40\udc41 支付" in text
    assert json.loads(text)["run_id"] == name


def test_a_file_name_that_is_no_utf8_is_written_out():
    report = a_report()
    report = replace(report, policy=replace(report.policy, files=("caf\udce9.yaml",)))

    assert json.loads(render(report, "json"))["policy"]["files"] == [r"caf\udce9.yaml"]

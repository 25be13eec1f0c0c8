"""A saved plan reads back as it was, and whatever else a file holds is told apart from it."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcer.errors import DataError, RefusedError
from enforcer.model.savedplan import SavedPlan
from enforcer.model.task import ResumeMode
from enforcer.planfile import read, written
from tests.saved import a_saved_change, a_saved_plan, a_saved_target

texts = st.text(st.characters(codec="utf-8"), max_size=30)
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,40}", fullmatch=True)


@st.composite
def plans(draw: st.DrawFn) -> SavedPlan:
    chosen = draw(st.lists(ids, min_size=1, max_size=4, unique=True))
    changes = []
    for task_id in chosen:
        desired = draw(st.sampled_from(ResumeMode))
        changes.append(
            a_saved_change(
                task_id,
                task_name=draw(st.none() | texts),
                desired=desired,
                before=next(mode for mode in ResumeMode if mode is not desired),
                status=draw(st.none() | texts),
                rule=draw(texts),
                reason=draw(st.none() | texts),
                priority=draw(st.integers(-1000, 1000)),
                risk_reasons=tuple(draw(st.lists(texts, max_size=2))),
            )
        )
    return a_saved_plan(a_saved_target(*changes))


def read_text(text: str) -> SavedPlan:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "plan.json")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        return read(str(path))


@given(plans())
@settings(deadline=None, max_examples=60)
def test_a_plan_reads_back_as_it_was_and_nothing_in_it_can_act_on_a_terminal(plan):
    text = written(plan)

    assert plan == read_text(text)
    assert not [each for each in text if not each.isprintable() and each != "\n"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path to every value in *value* below its root."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [each for key, part in inner for each in ((*path, key), *places(part, (*path, key)))]


@given(plans(), st.data())
@settings(deadline=None, max_examples=120)
def test_whatever_is_edited_is_refused(plan, data):
    document = json.loads(written(plan))
    *way, last = data.draw(st.sampled_from(places(document)))
    spot: Any = document
    for key in way:
        spot = spot[key]
    before = spot[last]
    spot[last] = data.draw(anything.filter(lambda value: json.dumps(value) != json.dumps(before)))

    with pytest.raises((RefusedError, DataError)):
        read_text(json.dumps(document))


@given(st.text(max_size=200) | anything.map(json.dumps))
@settings(deadline=None, max_examples=100)
def test_what_is_no_plan_is_told_and_never_a_crash(text):
    with pytest.raises(DataError):
        read_text(text)

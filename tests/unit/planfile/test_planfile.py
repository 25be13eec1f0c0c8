import json

import pytest

from enforcer.errors import DataError, RefusedError
from enforcer.planfile import MAX_BYTES, overrides_digest, read, written
from enforcer.policyfile import load_text
from tests.saved import a_saved_change, a_saved_plan, a_saved_target
from tests.wishes import an_override

FULL = b"""\
version: 1
eligible: {status: [INCRMIGEATING], not: {task_name: "*-test"}}
overrides:
  - {id: INC-0, tasks: '*', mode: manual, reason: long enough, owner: li.wei,
     created: 2026-11-23T00:00:00Z, expires: 2026-11-24T00:00:00Z}
limits: {rate: 0.5/s, to_auto: {max: unlimited, percent: 10%}}
freeze:
  - {days: [Sat, Sun], from: "08:00", to: "20:00", timezone: Europe/Berlin}
rollout: {waves: [1, 25%], on_fail: revert_wave}
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "plan.json"


def saved(file, text=None):
    file.write_text(text if text is not None else written(a_saved_plan()), encoding="utf-8")
    return read(str(file))


def edited(file, change):
    """Write a plan, let *change* have its way with the JSON of it, and read that."""
    document = json.loads(written(a_saved_plan()))
    change(document)
    return saved(file, json.dumps(document))


def test_what_is_written_is_read_back(file):
    assert a_saved_plan() == saved(file)


def test_everything_that_a_policy_says_of_a_run_is_kept(file):
    plan = a_saved_plan(policy=load_text(FULL, "full.yaml"))

    assert plan == saved(file, written(plan))


def test_a_name_that_is_no_unicode_text_cannot_be_saved():
    with pytest.raises(DataError, match="no Unicode text"):
        written(a_saved_plan(a_saved_target(a_saved_change("t1", task_name="\ud800"))))


def test_how_the_json_is_laid_out_does_not_matter(file):
    assert a_saved_plan() == edited(file, lambda _: None)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["targets"][0]["changes"][0].update(desired="manual"),
        lambda d: d["targets"][0]["changes"].clear(),
        lambda d: d["policy"]["limits"]["to_auto"].update(max=None),
        lambda d: d.update(created="2036-11-23T02:15:00.000Z"),
        lambda d: d.update(more=1),
        lambda d: d.update(sha256="0" * 64),
        lambda d: d.pop("sha256"),
        lambda d: d.pop("targets"),
    ],
)
def test_an_edited_plan_is_refused(file, change):
    with pytest.raises(RefusedError, match="edited or damaged"):
        edited(file, change)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "version: 1\n", "null", '{"format": "enforcer.plan/2"}', "{" * 100_000, '"\ud800"', "x" * 10],
    ids=range(9),
)
def test_what_is_no_plan_is_told(file, text):
    file.write_bytes(text.encode("utf-8", "surrogatepass"))

    with pytest.raises(DataError, match=r"enforcer\.plan/1"):
        read(str(file))


def test_a_cut_plan_is_no_plan(file):
    with pytest.raises(DataError):
        saved(file, written(a_saved_plan())[:-20])


@pytest.mark.parametrize("name", ["missing.json", ".", "a\0b.json"])
def test_what_cannot_be_read_is_told(tmp_path, name):
    with pytest.raises(DataError):
        read(str(tmp_path / name))


def test_a_file_that_is_too_large_is_not_read(file):
    with file.open("wb") as large:
        large.truncate(MAX_BYTES + 1)

    with pytest.raises(DataError, match="at most"):
        read(str(file))


def test_a_digest_of_overrides_changes_with_any_of_them_and_with_no_order():
    one, other = an_override("INC-1", mode="manual"), an_override("INC-2", mode="leave")

    assert overrides_digest([one, other]) == overrides_digest([other, one])
    assert len({overrides_digest(each) for each in ([], [one], [other], [one, other])}) == 4

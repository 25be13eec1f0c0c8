"""Which targets a run is for, and whose word counts on each setting."""

import pytest
from msgspec.structs import replace

from enforcer.cli.targets import Connection, Surroundings, resolve
from enforcer.errors import ConfigError, UsageError
from enforcer.model.limits import Limits, Rate
from enforcer.model.policy import Policy, Target

EMPTY = Policy(name="p", files=("p.yaml",), sha256="0")
FAST = Rate(count=9, period=1, text="9/s")
AROUND = Surroundings(region="around-1", project_id="around", iam_endpoint="https://iam.around")
TARGET = Target(
    name="t", region="policy-1", project_id="policy", endpoint="https://dcs.policy", iam_endpoint="https://iam.policy"
)
FLAGS = Connection(region="flag-1", project_id="flag", endpoint="https://dcs.flag", iam_endpoint="https://iam.flag")
NOTHING = Surroundings(region=None, project_id=None, iam_endpoint=None)


def places(targets=(), connection=None, around=NOTHING, limits=None):
    return resolve(
        replace(EMPTY, targets=tuple(targets)),
        connection or Connection(),
        limits or Limits(),
        around,
        endpoint_for=lambda region: f"https://dcs.{region}",
    )


def settings(place):
    return place.region, place.project_id, place.endpoint, place.iam_endpoint


def test_flags_beat_the_policy_which_beats_the_surroundings():
    (by_flags,) = places([TARGET], FLAGS, AROUND)
    (by_policy,) = places([TARGET], None, AROUND)
    (by_surroundings,) = places([], None, AROUND)

    assert settings(by_flags) == ("flag-1", "flag", "https://dcs.flag", "https://iam.flag")
    assert settings(by_policy) == ("policy-1", "policy", "https://dcs.policy", "https://iam.policy")
    assert settings(by_surroundings) == ("around-1", "around", "https://dcs.around-1", "https://iam.around")


def test_each_setting_is_looked_for_by_itself():
    (place,) = places([Target(name="t", project_id="policy")], Connection(region="flag-1"), AROUND)

    assert settings(place) == ("flag-1", "policy", "https://dcs.flag-1", "https://iam.around")


def test_a_project_that_nobody_names_is_left_to_iam():
    (place,) = places([Target(name="t", region="r-1")])

    assert place.project_id is None
    assert place.ref(None).project_id == ""
    assert place.ref("found").project_id == "found"


def test_without_targets_the_one_place_is_called_like_its_region():
    assert [place.name for place in places([], None, AROUND)] == ["around-1"]
    assert [place.name for place in places([], Connection(endpoint="https://dcs.flag"))] == ["default"]


def test_a_target_s_own_rate_beats_that_of_the_limits():
    own, other = places(
        [replace(TARGET, name="a", rate=FAST), replace(TARGET, name="b")], None, NOTHING, Limits(concurrency=3)
    )

    assert (own.rate, other.rate) == (FAST, Limits().rate)
    assert (own.concurrency, other.concurrency) == (3, 3)
    assert own.ref(None).rate == "9/s"


def test_no_rate_is_told_as_unlimited():
    (place,) = places([TARGET], None, NOTHING, Limits(rate=None))

    assert (place.ref(None).rate, place.ref(None).rate_per_s) == ("unlimited", None)


def test_targets_are_chosen_by_name_in_the_policy_s_order():
    several = [replace(TARGET, name=name) for name in ("a", "b", "c")]

    assert [place.name for place in places(several)] == ["a", "b", "c"]
    assert [place.name for place in places(several, Connection(target=("c", "a", "c")))] == ["a", "c"]


def test_an_unknown_target_is_a_usage_error_that_knows_the_near_miss():
    with pytest.raises(UsageError, match="'prod-uk'") as found:
        places([replace(TARGET, name="prod-eu")], Connection(target=("prod-uk",)))

    assert "prod-eu" in (found.value.hint or "")


def test_flags_for_one_target_need_one():
    several = [replace(TARGET, name=name) for name in ("a", "b")]
    for flag in ("region", "project_id", "endpoint", "iam_endpoint"):
        one = replace(Connection(), **{flag: getattr(FLAGS, flag)})
        with pytest.raises(UsageError):
            places(several, one)
        (place,) = places(several, replace(one, target=("b",)))
        assert place.name == "b"


@pytest.mark.parametrize(
    "connection",
    [Connection(), Connection(region="No Region"), Connection(region="r-1", project_id="../x")],
    ids=["nowhere", "region", "project"],
)
def test_what_cannot_be_reached_is_a_matter_of_configuration(connection):
    with pytest.raises(ConfigError):
        places([], connection)


def test_a_run_remembers_every_address_that_it_worked_with():
    ref = places([TARGET], None, AROUND)[0].ref("p" * 32)

    assert (ref.region, ref.endpoint, ref.iam_endpoint, ref.project_id) == (
        "policy-1",
        "https://dcs.policy",
        "https://iam.policy",
        "p" * 32,
    )

"""Every source of credentials: what it finds, what it refuses, and that it never tells a value."""

from pathlib import Path

import pytest

import enforcer.dcs.credentials
from enforcer.dcs.access.identity import AccessKey, Password, Secret, Token
from enforcer.dcs.credentials import SOURCES, Surroundings, find, surroundings
from enforcer.errors import ConfigError, ExitCode

HOME = Path("/nowhere/home")
SK = "CANARY-SK"


def test_the_table_has_every_file_of_the_folder():
    folder = Path(enforcer.dcs.credentials.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "checks"}

    assert files == set(SOURCES)


@pytest.mark.parametrize(
    ("access", "secret", "token"),
    [
        ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
        ("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN"),
    ],
)
def test_a_key_of_the_environment(access, secret, token):
    key = find(None, {access: "AK1\n", secret: f"{SK}\r\n", token: "ST"}, HOME)

    assert key == AccessKey(
        source="env",
        origin=f"{access}, {secret}, {token}",
        access="AK1",
        secret=Secret(SK),
        security_token=Secret("ST"),
    )


def test_openstack_names_of_a_key():
    key = find("env", {"OS_ACCESS_KEY": "AK1", "OS_SECRET_KEY": SK}, HOME)

    assert isinstance(key, AccessKey)
    assert key.security_token is None


@pytest.mark.parametrize("name", ["HW_AUTH_TOKEN", "OS_AUTH_TOKEN"])
def test_a_token_of_the_environment(name):
    assert find(None, {name: "T"}, HOME) == Token(source="env", origin=name, token=Secret("T"))


@pytest.mark.parametrize(
    ("user", "password", "domain"),
    [
        ("HW_USER_NAME", "HW_USER_PASSWORD", "HW_DOMAIN_NAME"),
        ("OS_USERNAME", "OS_PASSWORD", "OS_DOMAIN_NAME"),
        ("OS_USERNAME", "OS_PASSWORD", "OS_USER_DOMAIN_NAME"),
    ],
)
def test_a_password_of_the_environment(user, password, domain):
    found = find(None, {user: "u", password: "p w\n", domain: "d"}, HOME)

    assert found == Password(
        source="env", origin=f"{user}, {password}, {domain}", user="u", password=Secret("p w"), domain="d"
    )


def test_keys_come_before_tokens_and_tokens_before_passwords():
    environ = {
        "HW_USER_NAME": "u",
        "HW_USER_PASSWORD": "p",
        "HW_DOMAIN_NAME": "d",
        "OS_AUTH_TOKEN": "T",
        "OS_ACCESS_KEY": "AK-OS",
        "OS_SECRET_KEY": "SK",
    }

    assert isinstance(find(None, environ, HOME), AccessKey)
    del environ["OS_ACCESS_KEY"], environ["OS_SECRET_KEY"]
    assert isinstance(find(None, environ, HOME), Token)


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"HUAWEICLOUD_SDK_AK": SK}, "HUAWEICLOUD_SDK_SK"),
        ({"HUAWEICLOUD_SDK_SK": SK}, "HUAWEICLOUD_SDK_AK"),
        ({"HUAWEICLOUD_SDK_AK": SK, "HUAWEICLOUD_SDK_SK": ""}, "HUAWEICLOUD_SDK_SK"),
        ({"HUAWEICLOUD_SDK_AK": SK, "HUAWEICLOUD_SDK_SK": "\n"}, "HUAWEICLOUD_SDK_SK"),
        ({"HW_SECURITY_TOKEN": SK}, "HW_ACCESS_KEY and HW_SECRET_KEY"),
        ({"HW_USER_NAME": SK, "HW_DOMAIN_NAME": "d"}, "HW_USER_PASSWORD"),
        ({"HW_USER_NAME": SK, "HW_USER_PASSWORD": SK}, "HW_DOMAIN_NAME"),
        ({"OS_PASSWORD": SK, "OS_USER_DOMAIN_NAME": "d"}, "OS_USERNAME"),
    ],
)
def test_a_half_is_refused_and_the_missing_name_is_told(environ, missing):
    with pytest.raises(ConfigError) as caught:
        find(None, environ, HOME)

    assert f"not {missing}" in caught.value.message
    assert SK not in caught.value.message + str(caught.value.hint)


@pytest.mark.parametrize("value", [f"{SK} ", f" {SK}", f"{SK}\n\n", f"{SK}\r\nX-Y: z", f"{SK}é", f"{SK}\0"])
@pytest.mark.parametrize("name", ["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"])
def test_a_value_that_no_key_can_have_is_refused_by_name(name, value):
    environ = {"HUAWEICLOUD_SDK_AK": "A", "HUAWEICLOUD_SDK_SK": "S", name: value}

    with pytest.raises(ConfigError) as caught:
        find(None, environ, HOME)

    assert name in caught.value.message
    assert SK not in caught.value.message + str(caught.value.hint)


def test_none_at_all_says_which_names_were_looked_for():
    with pytest.raises(ConfigError) as caught:
        find(None, {"UNRELATED": SK, "HW_DOMAIN_NAME": "d"}, HOME)

    assert caught.value.exit_code == ExitCode.CONFIG
    names = ["HUAWEICLOUD_SDK_AK", "HW_SECRET_KEY", "OS_ACCESS_KEY", "HW_AUTH_TOKEN", "OS_USERNAME", "credentials"]
    assert [name for name in names if name not in caught.value.message] == []
    assert SK not in caught.value.message


def test_a_named_source_is_the_only_one_asked(tmp_path):
    with pytest.raises(ConfigError, match=r"^no credentials found; looked for profile: [^;]*$"):
        find("profile", {"HUAWEICLOUD_SDK_AK": "A", "HUAWEICLOUD_SDK_SK": "S"}, tmp_path)
    with pytest.raises(ConfigError, match="no credential source 'vault'"):
        find("vault", {}, tmp_path)


def write_profile(home, text):
    path = home / ".huaweicloud" / "credentials"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_key_of_the_profile(tmp_path):
    path = write_profile(tmp_path, f"[basic]\nak = AK1\nsk = {SK}%x\nsecurity_token = ST\n[global]\nak = other\n")

    assert find(None, {}, tmp_path) == AccessKey(
        source="profile",
        origin=f"{path} [basic]",
        access="AK1",
        secret=Secret(f"{SK}%x"),
        security_token=Secret("ST"),
    )


def test_the_environment_comes_before_the_profile(tmp_path):
    write_profile(tmp_path, "[basic]\nak = AK1\nsk = S\n")

    assert find(None, {"HW_AUTH_TOKEN": "T"}, tmp_path).source == "env"


def test_the_profile_can_be_somewhere_else(tmp_path):
    path = tmp_path / "c.ini"
    path.write_text("[basic]\nak=A\nsk=S\n", encoding="utf-8")

    key = find("profile", {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(path)}, HOME)

    assert isinstance(key, AccessKey)


def test_a_profile_that_was_named_has_to_be_there(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        find(None, {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(tmp_path / "gone")}, HOME)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"[basic]\nak = {SK}\n", "not sk in"),
        (f"[basic]\nak = {SK}\nsk =\n", "not sk in"),
        (f"{SK}\n", "line 1"),
        (f"[basic]\n{SK}\n", "line 2"),
        (f"[basic]\nak = {SK}\nak = {SK}\n", "line 3"),
        (f"[basic]\nak = {SK} x\nsk = y\n", "ak in"),
    ],
)
def test_a_broken_profile_is_refused_without_its_text(tmp_path, text, words):
    write_profile(tmp_path, text)

    with pytest.raises(ConfigError) as caught:
        find(None, {}, tmp_path)

    assert words in caught.value.message
    assert SK not in caught.value.message + str(caught.value.hint)


def test_a_profile_of_bytes_or_of_others_is_refused(tmp_path):
    write_profile(tmp_path, "").write_bytes(b"\xff\xfe\0")
    with pytest.raises(ConfigError, match="it is not text"):
        find(None, {}, tmp_path)

    with pytest.raises(ConfigError, match="cannot be read"):
        find(None, {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(tmp_path)}, HOME)


def test_a_profile_without_a_key_is_as_good_as_none(tmp_path):
    write_profile(tmp_path, "[global]\nak = x\nsk = y\n")

    with pytest.raises(ConfigError, match="no credentials found"):
        find(None, {}, tmp_path)


def test_surroundings_of_the_environment():
    environ = {
        "OS_REGION_NAME": "r2",
        "HW_REGION_NAME": "r1",
        "OS_PROJECT_ID": "p3",
        "HUAWEICLOUD_SDK_PROJECT_ID": "",
        "HUAWEICLOUD_SDK_IAM_ENDPOINT": "https://iam.example.com",
    }

    expected = Surroundings(region="r1", project_id="p3", iam_endpoint="https://iam.example.com")
    assert surroundings(environ, HOME, source="env") == expected


def test_surroundings_of_the_profile_stand_back_and_go_with_its_own_key(tmp_path):
    write_profile(tmp_path, "[basic]\nproject_id = p-file\niam_endpoint = https://iam.example.com\n")
    environ = {"HW_PROJECT_ID": "p-env"}

    both = surroundings(environ, tmp_path, source="profile")
    assert (both.project_id, both.iam_endpoint) == ("p-env", "https://iam.example.com")
    assert surroundings({}, tmp_path, source="env") == Surroundings()


@pytest.mark.parametrize(
    "endpoint", ["http://iam.example.com", "https://u:CANARY-SK@iam.example.com", "iam", "https://x/?y"]
)
def test_an_iam_endpoint_that_nothing_may_be_sent_to_is_refused(endpoint):
    with pytest.raises(ConfigError, match="IAM endpoint") as caught:
        surroundings({"HUAWEICLOUD_SDK_IAM_ENDPOINT": endpoint}, HOME, source="env")

    assert SK not in caught.value.message

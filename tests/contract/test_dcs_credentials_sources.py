"""What every credential source has in common: refuses empty, never shows a value, renews once for all."""

import asyncio
import json
import os
import sys
import traceback
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from enforcer.dcs.access.identity import AccessKey, Secret
from enforcer.dcs.access.renewal import Identity
from enforcer.dcs.aside import aside
from enforcer.dcs.credentials import SOURCES, files, find, metadata, sdk
from enforcer.errors import ConfigError, ExitCode
from tests.wire_server import response, serving

HOME = Path("/nowhere/home")
CANARY = "CANARY-SK"
EXPIRES = "2026-01-02T03:04:05.000000Z"


@dataclass
class Place:
    """Somewhere to put a key, and the source that looks there."""

    folder: Path
    name: str
    access: str = ""

    def put(self, access):
        self.access = access
        pair = {"ak": access, "sk": f"{CANARY}-{access}"}
        if self.name == "files":
            for name, text in pair.items():
                write(self.folder / name, text)
        elif self.name == "profile":
            path = self.folder / ".huaweicloud" / "credentials"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"[basic]\nak = {pair['ak']}\nsk = {pair['sk']}\n")

    def find(self):
        if self.name == "env":
            pair = {"HUAWEICLOUD_SDK_AK": self.access, "HUAWEICLOUD_SDK_SK": f"{CANARY}-{self.access}"}
            return find("env", pair if self.access else {}, self.folder)
        if self.name == "files":
            return find("files", {"CREDENTIALS_DIRECTORY": str(self.folder)}, self.folder)
        if self.name == "profile":
            return find("profile", {}, self.folder)
        if self.name == "sdk":
            found = partial(sdk.find, by_chain=self.by_chain)({}, self.folder)
            assert found is not None
            return found
        found = asyncio.run(self.by_metadata())
        if found is None:
            raise ConfigError("no credentials found")
        return found

    def by_chain(self):
        if not self.access:
            raise ValueError(CANARY)
        return SimpleNamespace(ak=self.access, sk=f"{CANARY}-{self.access}", security_token=None, _expired_at=0)

    async def by_metadata(self):
        async with serving(machine(self.access)) as server:
            return await metadata._found(server.url, 3)


def machine(access="AK1", *, put=200, get=200, body=None):
    """Return a metadata service that has the key *access*; without one it has no agency."""
    keys = {"access": access, "secret": f"{CANARY}-{access}", "securitytoken": "CANARY-ST", "expires_at": EXPIRES}

    async def respond(seen, writer):
        if seen.method == "PUT":
            writer.write(response(put, b"CANARY-MT\n"))
        elif not access:
            writer.write(response(404))
        else:
            writer.write(response(get, {"credential": keys} if body is None else body))
        await writer.drain()

    return respond


def write(path, text, mode=0o400):
    """Put a file into its place by renaming, as a careful rotation does."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.chmod(mode)
    fresh.rename(path)


@pytest.fixture(params=list(SOURCES))
def place(request, tmp_path):
    return Place(folder=tmp_path, name=request.param)


def test_it_refuses_empty_with_the_way_out(place):
    with pytest.raises(ConfigError) as caught:
        place.find()

    assert caught.value.exit_code == ExitCode.CONFIG
    assert CANARY not in caught.value.message + str(caught.value.hint)


def test_what_it_finds_shows_no_secret_anywhere(place):
    place.put("AK1")
    found = place.find()

    assert isinstance(found, AccessKey)
    assert found.source == place.name
    assert found.secret == Secret(f"{CANARY}-AK1")
    shown = [repr(found), str(found), f"{found}", str(asdict(found)), json.dumps(asdict(found), default=str)]
    try:
        raise RuntimeError(found)  # noqa: TRY301 - its traceback is what is looked at
    except RuntimeError:
        shown.append(traceback.format_exc())
    assert [text for text in shown if "CANARY" in text] == []


def test_it_is_read_again_once_for_all(place):
    place.put("AK1")
    first = place.find()
    looks = 0

    def again():
        nonlocal looks
        looks += 1
        place.put("AK2")
        return place.find()

    async def renew():
        identity = Identity(AccessKey(**{**_fields(first), "renew_at": 1.0}), again, clock=lambda: 10.0)

        async def one():
            async with identity.alone:
                await identity.refresh()

        await asyncio.gather(*(one() for _ in range(8)))
        return identity.credentials

    assert asyncio.run(renew()).secret == Secret(f"{CANARY}-AK2")
    assert looks == 1


def _fields(value):
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def test_each_says_what_it_looks_for_and_how_to_have_it():
    assert [name for name, source in SOURCES.items() if not source.looked_for or not source.hint] == []
    assert list(SOURCES) == ["env", "files", "profile", "metadata", "sdk"]


def test_the_last_two_are_not_asked_unless_they_are_likely():
    def never(_environ, _home):
        raise AssertionError

    def unlikely(_environ):
        return False

    spied = {
        name: type(source)(
            find=never if name in {"metadata", "sdk"} else source.find,
            looked_for=source.looked_for,
            hint=source.hint,
            is_likely=unlikely if name == "metadata" else source.is_likely,
        )
        for name, source in SOURCES.items()
    }
    with pytest.raises(ConfigError, match="no credentials found"):
        find(None, {}, HOME, sources=spied)
    with pytest.raises(AssertionError):
        find(None, {"HUAWEICLOUD_OIDC_PROVIDER_URN": "x"}, HOME, sources=spied)
    with pytest.raises(AssertionError):
        find("metadata", {}, HOME, sources=spied)


@pytest.fixture
def directory(tmp_path):
    return Directory(tmp_path)


class Directory:
    def __init__(self, path):
        self.path = path

    def find(self):
        return find("files", {"CREDENTIALS_DIRECTORY": str(self.path)}, HOME)


def test_files_can_have_a_token_and_a_project(directory):
    for name, text in {"ak": "AK1\n", "sk": "S\n", "security_token": "ST", "project_id": "p1\n"}.items():
        write(directory.path / name, text)

    assert directory.find() == AccessKey(
        source="files",
        origin=", ".join(f"{directory.path}/{name}" for name in ("ak", "sk", "security_token")),
        access="AK1",
        secret=Secret("S"),
        security_token=Secret("ST"),
    )
    environ = {"CREDENTIALS_DIRECTORY": str(directory.path)}
    assert SOURCES["files"].surroundings(environ, HOME) == {"project_id": "p1"}


@pytest.mark.parametrize("names", [("ak",), ("sk",), ("security_token",), ("ak", "security_token")])
def test_half_of_the_files_is_refused(directory, names):
    for name in names:
        write(directory.path / name, CANARY)

    with pytest.raises(ConfigError, match=r"not .*/(ak|sk)") as caught:
        directory.find()
    assert CANARY not in caught.value.message


@pytest.mark.parametrize("mode", [0o404, 0o402, 0o644, 0o420, 0o666])
def test_files_that_others_can_read_or_change_are_refused_with_the_way_out(directory, mode):
    write(directory.path / "ak", "AK1")
    write(directory.path / "sk", CANARY, mode)

    with pytest.raises(ConfigError, match=f"mode {mode:04o}") as caught:
        directory.find()
    assert caught.value.exit_code == ExitCode.CONFIG
    assert caught.value.hint is not None
    assert f"chmod 0400 {directory.path}/sk" in caught.value.hint


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o600])
def test_files_of_systemd_and_of_a_pod_are_taken(directory, mode):
    write(directory.path / "ak", "AK1", mode)
    write(directory.path / "sk", "S", mode)

    assert directory.find().access == "AK1"


def test_what_is_no_regular_file_is_refused_without_waiting(directory):
    write(directory.path / "ak", "AK1")
    os.mkfifo(directory.path / "sk", 0o400)

    with pytest.raises(ConfigError, match="no regular file"):
        directory.find()


@pytest.mark.parametrize("text", ["A B", f"{CANARY}\nX: y", "é", "\x00"])
def test_files_with_what_no_key_has_are_refused(directory, text):
    write(directory.path / "ak", text)
    write(directory.path / "sk", "S")

    with pytest.raises(ConfigError, match="/ak has characters") as caught:
        directory.find()
    assert CANARY not in caught.value.message


def test_bytes_that_are_no_text_are_refused(directory):
    (directory.path / "ak").write_bytes(b"\xff\xfe")
    (directory.path / "ak").chmod(0o400)
    write(directory.path / "sk", "S")

    with pytest.raises(ConfigError, match="/ak is not text"):
        directory.find()


def test_a_mounted_secret_is_followed_through_its_links(directory):
    for version in ("1", "2"):
        (directory.path / f"..{version}").mkdir()
        write(directory.path / f"..{version}" / "ak", f"AK{version}")
        write(directory.path / f"..{version}" / "sk", f"SK{version}")
    data = directory.path / "..data"
    data.symlink_to("..1")
    for name in ("ak", "sk"):
        (directory.path / name).symlink_to(f"..data/{name}")
    assert directory.find().secret == Secret("SK1")

    data.unlink()
    data.symlink_to("..2")
    assert (directory.find().access, directory.find().secret) == ("AK2", Secret("SK2"))


@pytest.mark.parametrize("first", ["AK1", "AK2"], ids=["before", "between"])
def test_a_pair_that_is_being_replaced_is_never_mixed(directory, first):
    write(directory.path / "ak", first)
    write(directory.path / "sk", "SK1")
    pauses: list[float] = []

    def rotate(seconds):
        if not pauses:
            write(directory.path / "ak", "AK2")
            write(directory.path / "sk", "SK2")
        pauses.append(seconds)

    found = files.find({"CREDENTIALS_DIRECTORY": str(directory.path)}, HOME, pause=rotate)

    assert found is not None
    assert (found.access, found.secret) == ("AK2", Secret("SK2"))
    assert len(pauses) == 2


def test_files_that_never_come_to_rest_are_refused(directory):
    write(directory.path / "ak", "AK1")
    write(directory.path / "sk", "SK1")

    with pytest.raises(ConfigError, match="change all the time"):
        files.find(
            {"CREDENTIALS_DIRECTORY": str(directory.path)},
            HOME,
            pause=lambda _seconds: write(directory.path / "sk", "SK1"),
        )


def test_files_that_are_old_are_not_waited_for(directory):
    for name in ("ak", "sk"):
        write(directory.path / name, "x")
        os.utime(directory.path / name, (1, 1))
    waits: list[float] = []

    found = files.find({"CREDENTIALS_DIRECTORY": str(directory.path)}, HOME, pause=waits.append)

    assert found is not None
    assert waits == []


def test_a_directory_without_a_key_is_as_good_as_none(directory):
    write(directory.path / "other", "x")

    with pytest.raises(ConfigError, match="no credentials found"):
        directory.find()


async def test_metadata_is_asked_in_the_hardened_form_and_without_a_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with serving(machine()) as server:
        found = await aside(lambda: metadata.find({}, HOME, address=server.url))

    assert found == AccessKey(
        source="metadata",
        origin="the metadata service of this ECS",
        access="AK1",
        secret=Secret(f"{CANARY}-AK1"),
        security_token=Secret("CANARY-ST"),
        expires_at=1767323045.0,
        renew_at=1767323045.0 - 600,
    )
    put, get = server.ledger
    assert (put.method, put.target) == ("PUT", "/meta-data/latest/api/token")
    assert put.headers["x-metadata-token-ttl-seconds"] == "60"
    assert (get.method, get.target) == ("GET", "/openstack/latest/securitykey")
    assert get.headers["x-metadata-token"] == "CANARY-MT"
    assert "x-forwarded-for" not in get.headers


@pytest.mark.parametrize("status", [404, 405, 503])
async def test_metadata_without_the_hardened_form_is_asked_plainly(status):
    async with serving(machine(put=status)) as server:
        found = await metadata._found(server.url, 3)

    assert found is not None
    assert "x-metadata-token" not in server.ledger[1].headers


@pytest.mark.parametrize("status", [401, 403, 500])
async def test_metadata_that_refuses_the_hardened_form_is_not_asked_for_keys(status):
    async with serving(machine(put=status)) as server:
        assert await metadata._found(server.url, 3) is None

    assert server.methods == ["PUT"]


@pytest.mark.parametrize("status", [302, 401, 404, 500])
async def test_metadata_without_an_agency_has_nothing(status):
    async with serving(machine(get=status)) as server:
        assert await metadata._found(server.url, 3) is None


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        {},
        [],
        {"credential": []},
        {"credential": {"access": "A", "secret": "S"}},
        {"credential": {"access": "A", "secret": "S\r\nX: y", "securitytoken": "T"}},
        {"credential": {"access": "A", "secret": 7, "securitytoken": "T"}},
    ],
    ids=range(7),
)
async def test_metadata_that_answers_with_anything_else_is_refused(body):
    async with serving(machine(body=body)) as server:
        with pytest.raises(ConfigError, match="metadata service"):
            await metadata._found(server.url, 3)


@pytest.mark.parametrize("style", [("access_key_id", "secret_access_key", "security_token", "expiration")])
async def test_metadata_of_the_newer_style_is_read_too(style):
    body = {"credentials": dict(zip(style, ("A", "S", "T", "2026-01-02T03:04:05Z"), strict=True))}
    async with serving(machine(body=body)) as server:
        found = await metadata._found(server.url, 3)

    assert found is not None
    assert (found.access, found.expires_at, found.renew_at) == ("A", 1767323045.0, 1767323045.0 - 600)


async def test_metadata_that_never_answers_is_left_after_its_limit():
    async with serving(hanging_with_a_drip) as server:
        started = asyncio.get_running_loop().time()
        assert await metadata._found(server.url, 0.1) is None

    assert asyncio.get_running_loop().time() - started < 12


async def hanging_with_a_drip(_seen, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


def test_metadata_is_likely_on_the_machines_of_these_clouds_only(tmp_path):
    assert not metadata.is_likely({}, dmi=tmp_path)
    (tmp_path / "product_name").write_text("Google Compute Engine\n")
    (tmp_path / "chassis_asset_tag").write_text("\n")
    assert not metadata.is_likely({}, dmi=tmp_path)
    (tmp_path / "chassis_asset_tag").write_text("HUAWEICLOUD\n")
    assert metadata.is_likely({}, dmi=tmp_path)
    (tmp_path / "chassis_asset_tag").write_text("")
    (tmp_path / "product_name").write_text("OpenStack Nova\n")
    assert metadata.is_likely({}, dmi=tmp_path)


def test_the_sdk_s_own_chain_is_asked(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HUAWEICLOUD_SDK_AK", "AK1")
    monkeypatch.setenv("HUAWEICLOUD_SDK_SK", CANARY)
    monkeypatch.setenv("HUAWEICLOUD_SDK_SECURITY_TOKEN", "CANARY-ST")

    assert find("sdk", {}, tmp_path) == AccessKey(
        source="sdk",
        origin="the official SDK's chain",
        access="AK1",
        secret=Secret(CANARY),
        security_token=Secret("CANARY-ST"),
    )


def test_temporary_keys_of_the_sdk_are_renewed_before_their_end():
    found = sdk.find(
        {}, HOME, by_chain=lambda: SimpleNamespace(ak="A", sk="S", security_token="T", _expired_at=10_000.0)
    )

    assert found is not None
    assert (found.expires_at, found.renew_at) == (10_000.0, 9_400.0)


def test_without_the_sdk_the_extra_is_named(monkeypatch):
    with ExitStack() as stack:
        stack.enter_context(without_the_sdk(monkeypatch))
        with pytest.raises(ConfigError) as caught:
            find("sdk", {}, HOME)

    assert caught.value.hint == "pip install 'enforcer[sdk]'"


@contextmanager
def without_the_sdk(monkeypatch):
    with monkeypatch.context() as patch:
        for name in [name for name in sys.modules if name.startswith("huaweicloudsdkcore")]:
            patch.delitem(sys.modules, name)
        patch.setitem(sys.modules, "huaweicloudsdkcore", None)
        yield

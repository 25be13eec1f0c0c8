"""Credentials that are refused, on a real wire: few refusals, one renewal for all, and an end."""

import asyncio
import calendar
import re
import threading
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from pathlib import Path

import pytest

from enforcer.dcs.access import renewal
from enforcer.dcs.access.identity import AccessKey, Password, Secret, Token
from enforcer.dcs.access.renewal import Identity
from enforcer.dcs.client import connect
from enforcer.dcs.credentials import identify
from enforcer.errors import ConfigError, DeniedError
from enforcer.model.answer import Failure, FailureKind, Reply
from enforcer.model.task import ResumeMode
from tests.simulated import simulator
from tests.wire_server import Seen, closing, response, serving

PROJECT = "0123456789abcdef0123456789abcdef"
NOW = 1767323045.0
HOME = Path("/nowhere/home")
WORKERS = 32
SIGNATURE_FAILS = {"error_code": "APIGW.0301", "error_msg": "verify aksk signature fail"}
EXPIRED = {"error_code": "APIGW.0303", "error_msg": "Incorrect app authentication information: signature expired"}
LOCKED = {"error_code": "APIGW.0301", "error_msg": "AK access failed to reach the limit,forbidden"}
OTHER_PROJECT = {"error_code": "DCS.1004", "error_msg": "project id in token is not that of the path"}


def key(access, *, renew_at=None):
    return AccessKey(source="files", origin="ak, sk", access=access, secret=Secret("CANARY-SK"), renew_at=renew_at)


PASSWORD = Password(source="env", origin="U, P", user="alice", password=Secret("CANARY-PW"), domain="acme")


@dataclass
class Door:
    """A DCS that lets in who is in *good*, by access key or token, and tells the rest *refusal*."""

    good: set[str] = field(default_factory=set)
    refusal: dict = field(default_factory=lambda: SIGNATURE_FAILS)
    date: float | None = None
    latency: float = 0.0
    came: asyncio.Event = field(default_factory=asyncio.Event)
    wait: asyncio.Event = field(default_factory=asyncio.Event)
    answered: int = 0
    answered_at_arrival: list[int] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    in_flight: int = 0

    def __post_init__(self):
        self.wait.set()

    def admits(self, seen: Seen) -> bool:
        return who(seen) in self.good

    async def __call__(self, seen, writer):
        self.shown.append(who(seen))
        self.came.set()
        self.answered_at_arrival.append(self.answered)
        self.in_flight += 1
        admitted = self.admits(seen)
        await self.wait.wait()
        await asyncio.sleep(self.latency)
        self.in_flight -= 1
        self.answered += 1
        headers = {} if self.date is None else {"Date": formatdate(self.date, usegmt=True)}
        if not admitted:
            self.refused.append(who(seen))
        writer.write(response(200, b"", headers) if admitted else response(401, self.refusal, headers))
        await writer.drain()


def who(seen: Seen) -> str:
    found = re.search("Access=([^,]*)", seen.headers.get("authorization", ""))
    return found[1] if found else seen.headers["x-auth-token"]


@dataclass
class Iam:
    """An IAM that gives T1, T2 and so on, as long as *works*."""

    status: int = 201
    lifetime: tuple[str, str] = ("2026-01-02T00:00:00.000000Z", "2026-01-03T00:00:00.000000Z")
    asked: int = 0

    async def __call__(self, _seen, writer):
        self.asked += 1
        issued, expires = self.lifetime
        body = {"token": {"issued_at": issued, "expires_at": expires, "project": {"id": PROJECT}}}
        answer = response(201, body, {"X-Subject-Token": f"T{self.asked}"}) if self.status == 201 else None
        writer.write(answer or response(self.status, {"error": {"code": self.status, "message": "no"}}))
        await writer.drain()


class Source:
    """Where credentials are found again: each look takes the next ones, the last of them for ever."""

    def __init__(self, *found):
        self.found = list(found)
        self.looks = 0

    def __call__(self):
        self.looks += 1
        found = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        if isinstance(found, Exception):
            raise found
        return found


@asynccontextmanager
async def target(server_url, identity, *, iam_url=None, **more):
    settings = {"iam_endpoint": iam_url, "region": None, "project_id": PROJECT, "ca_file": None, "proxy": None}
    async with connect(target_name="prod", endpoint=server_url, identity=identity, **(settings | more)) as client:
        yield client


@asynccontextmanager
async def target_by_password(door, iam, **clock):
    async with (
        serving(iam) as iam_server,
        serving(door) as server,
        target(server.url, Identity(PASSWORD, **clock), iam_url=iam_server.url) as client,
    ):
        yield client


async def put(client):
    return await client.set_mode("task-1", ResumeMode.AUTO)


async def put_until_settled(client):
    """Do what the loop of a run does: send again what came back as RENEWED."""
    answers = [await put(client)]
    while isinstance(answers[-1], Failure) and answers[-1].kind is FailureKind.RENEWED:
        answers.append(await put(client))
    return answers


async def all_at_once(client, count=WORKERS, do=put):
    return await asyncio.gather(*(do(client) for _ in range(count)))


def kinds(answers):
    return {answer.kind if isinstance(answer, Failure) else "reply" for answer in answers}


async def test_a_dead_key_fails_once_on_the_wire_with_32_workers():
    door = Door()
    source = Source(key("AK1"))
    async with serving(door) as server, target(server.url, Identity(key("AK1"), source)) as client:
        answers = await all_at_once(client)
        later = await put(client)

    assert door.shown == ["AK1"]
    assert kinds(answers) == {FailureKind.DENIED}
    assert source.looks == 1
    assert sum(answer.http_status == 401 for answer in answers) == 1
    assert isinstance(later, Failure)
    assert "nothing was sent" in later.message
    assert "secret key" in str(later.hint)


@pytest.mark.parametrize("good", [False, True], ids=["dead", "good"])
async def test_a_dead_key_fails_once_at_the_simulator(good):
    with simulator(tasks=3) as cloud:
        environ = cloud.env if good else cloud.env | {"HUAWEICLOUD_SDK_SK": "wrong"}
        identity = identify("env", environ, HOME)
        async with target(cloud.endpoint, identity, project_id=cloud.project_id) as client:
            answers = await asyncio.gather(*(client.list_page(offset=0, limit=10) for _ in range(WORKERS)))
        statuses = [request["status"] for request in cloud.requests()]

    assert statuses == [200] * WORKERS if good else statuses == [401]
    assert kinds(answers) == ({"reply"} if good else {FailureKind.DENIED})


async def test_the_first_request_goes_alone():
    door = Door(good={"AK1"}, latency=0.05)
    async with serving(door) as server, target(server.url, Identity(key("AK1"))) as client:
        assert kinds(await all_at_once(client)) == {"reply"}

    assert door.answered_at_arrival[:2] == [0, 1]


async def test_the_others_go_together_after_the_first():
    door = Door(good={"AK1"})
    others = asyncio.Barrier(WORKERS - 1)

    async def respond(seen, writer):
        if door.shown:
            await others.wait()
        await door(seen, writer)

    async with serving(respond) as server, target(server.url, Identity(key("AK1"))) as client, asyncio.timeout(10):
        assert kinds(await all_at_once(client)) == {"reply"}


async def test_a_first_request_that_finds_nothing_out_lets_another_one_try_alone():
    door = Door(good={"AK1"})
    busy = [response(503), response(503)]

    async def respond(seen, writer):
        if not busy:
            await door(seen, writer)
            return
        writer.write(busy.pop())
        await writer.drain()

    async with serving(respond) as server, target(server.url, Identity(key("AK1"))) as client:
        answers = await all_at_once(client, 8)

    assert [answer.kind for answer in answers if isinstance(answer, Failure)] == [FailureKind.TRANSIENT] * 2
    assert door.refused == []


@pytest.mark.parametrize("good", [set(), {"AK1"}], ids=["refused", "accepted"])
async def test_those_that_wait_for_the_first_request_send_nothing_once_hushed(good):
    door = Door(good=good)
    door.wait.clear()
    async with serving(door) as server, target(server.url, Identity(key("AK1"), Source(key("AK2")))) as client:
        waiting = asyncio.create_task(all_at_once(client))
        await door.came.wait()
        client.hush()
        door.wait.set()
        answers = await waiting
        later = await put(client)

    assert door.shown == ["AK1"]
    first = "reply" if good else FailureKind.RENEWED
    assert kinds(answers) == {first, FailureKind.WITHDRAWN}
    assert later.kind is FailureKind.WITHDRAWN


async def test_a_source_that_never_answers_is_left(monkeypatch):
    monkeypatch.setattr(renewal, "LONGEST_LOOK_S", 0.1)
    door, free = Door(), threading.Event()

    def never():
        free.wait()
        return key("AK2")

    async with serving(door) as server, target(server.url, Identity(key("AK1"), never)) as client:
        answer = await put(client)
        free.set()

    assert answer.kind is FailureKind.DENIED
    assert "no answer within" in answer.hint


async def test_a_key_that_was_replaced_is_read_again_once_for_all():
    door = Door(good={"AK2"})
    source = Source(key("AK2"))
    async with serving(door) as server, target(server.url, Identity(key("AK1"), source)) as client:
        answers = await all_at_once(client, do=put_until_settled)

    assert door.refused == ["AK1"]
    assert source.looks == 1
    assert kinds([each[-1] for each in answers]) == {"reply"}
    (renewed,) = [answer for each in answers for answer in each[:-1]]
    assert renewed.kind is FailureKind.RENEWED
    assert renewed.message == "the credentials were renewed from files"
    assert renewed.http_status == 401


async def test_what_was_read_again_and_is_refused_too_is_given_up():
    door = Door()
    source = Source(key("AK2"), key("AK3"))
    async with serving(door) as server, target(server.url, Identity(key("AK1"), source)) as client:
        answers = await all_at_once(client, do=put_until_settled)

    assert door.refused == ["AK1", "AK2"]
    assert source.looks == 1
    assert kinds([each[-1] for each in answers]) == {FailureKind.DENIED}


async def test_a_source_that_cannot_be_read_again_is_the_end_and_says_why():
    door = Door()
    source = Source(ConfigError("the files are gone"))
    async with serving(door) as server, target(server.url, Identity(key("AK1"), source)) as client:
        answer = await put(client)

    assert answer.kind is FailureKind.DENIED
    assert "the files are gone" in answer.hint


async def test_files_that_are_rotated_mid_run_are_read_as_a_pair(tmp_path):
    def write(access):
        for name, text in (("ak", access), ("sk", f"CANARY-{access}")):
            (tmp_path / f"{name}.new").write_text(text)
            (tmp_path / f"{name}.new").chmod(0o400)
            (tmp_path / f"{name}.new").rename(tmp_path / name)

    write("AK1")
    identity = identify("files", {"CREDENTIALS_DIRECTORY": str(tmp_path)}, tmp_path)
    door = Door(good={"AK1"})
    async with serving(door) as server, target(server.url, identity) as client:
        for turn in range(6):
            if turn == 3:
                write("AK2")
                door.good = {"AK2"}
            answers = await put_until_settled(client)
            assert isinstance(answers[-1], Reply)

    assert door.refused == ["AK1"]
    assert identity.credentials.secret == Secret("CANARY-AK2")


async def test_a_second_rotation_hours_later_is_taken_as_well():
    door = Door(good={"AK1"})
    source = Source(key("AK2"), key("AK3"))
    async with serving(door) as server, target(server.url, Identity(key("AK1"), source)) as client:
        for access in ("AK1", "AK2", "AK3"):
            door.good = {access}
            assert isinstance((await put_until_settled(client))[-1], Reply)

    assert door.refused == ["AK1", "AK2"]


async def test_new_requests_wait_while_the_source_is_read():
    door = Door(good={"AK1"})
    reading = threading.Event()
    shown_when_read = []

    def slowly():
        reading.set()
        time.sleep(0.1)
        shown_when_read.extend(door.shown)
        return key("AK2")

    async with serving(door) as server, target(server.url, Identity(key("AK1"), slowly)) as client:
        await put(client)
        door.good = {"AK2"}
        first = asyncio.create_task(put_until_settled(client))
        await until(reading.is_set)
        assert kinds(await all_at_once(client)) == {"reply"}
        await first

    assert shown_when_read == ["AK1", "AK1"]
    assert door.refused == ["AK1"]


async def test_a_refusal_that_comes_after_the_renewal_is_worth_another_try_too():
    door = Door(good={"AK1"})
    source = Source(key("AK2"))
    async with serving(door) as server, target(server.url, Identity(key("AK1"), source)) as client:
        await put(client)
        door.good = {"AK2"}
        door.wait.clear()
        calls = [asyncio.create_task(put(client)) for _ in range(4)]
        await until(lambda: door.in_flight == 4)
        door.wait.set()
        answers = await asyncio.gather(*calls)
        assert isinstance(await put(client), Reply)

    assert kinds(answers) == {FailureKind.RENEWED}
    assert source.looks == 1


async def test_a_renewal_that_is_cancelled_is_done_by_the_next_request():
    door = Door(good={"AK2"})
    reading, go_on = threading.Event(), threading.Event()

    def slowly():
        reading.set()
        go_on.wait(5)
        return key("AK2")

    async with serving(door) as server, target(server.url, Identity(key("AK1"), slowly)) as client:
        first = asyncio.create_task(put(client))
        await until(reading.is_set)
        first.cancel()
        await asyncio.wait([first])
        go_on.set()
        assert isinstance(await put(client), Reply)

    assert door.refused == ["AK1"]


async def test_a_token_that_dies_early_is_exchanged_once_and_all_go_on():
    door, iam = Door(good={"T1"}), Iam()
    async with target_by_password(door, iam) as client:
        assert kinds(await all_at_once(client)) == {"reply"}
        door.good = {"T2"}
        assert (await put(client)).kind is FailureKind.RENEWED
        assert kinds(await all_at_once(client)) == {"reply"}

    assert door.refused == ["T1"]
    assert iam.asked == 2


async def test_a_token_of_the_simulator_that_expires_mid_run_is_exchanged_before_it_does():
    later = 0.0
    with simulator(tasks=2, token_for=20.0) as cloud:
        identity = identify("env", cloud.env_of_password, HOME)
        identity.clock = lambda: time.time() + later
        where = {"iam_url": cloud.iam_endpoint, "project_id": None, "region": cloud.region}
        async with target(cloud.endpoint, identity, **where) as client:
            for seconds in (0.0, 17.0, 18.5):
                later = seconds
                assert kinds(await all_at_once(client, do=list_page)) == {"reply"}
        requests = cloud.requests()

    assert [request["path"] for request in requests].count("/v3/auth/tokens") == 2
    assert {request["status"] for request in requests} == {200, 201}


async def list_page(client):
    return await client.list_page(offset=0, limit=10)


async def test_a_token_that_cannot_be_renewed_ahead_of_time_is_used_to_its_end():
    door, iam = Door(good={"T1", "T3"}), Iam()
    now = NOW
    async with target_by_password(door, iam, clock=lambda: now) as client:
        await put(client)
        now += 86400 - 1799
        iam.status = 503
        assert kinds(await all_at_once(client)) == {"reply"}
        asked_in_vain = iam.asked - 1
        iam.status = 201
        now += 61
        assert kinds(await all_at_once(client)) == {"reply"}

    assert asked_in_vain == 1
    assert door.shown[-1] == "T3"
    assert iam.asked == 3


async def test_iam_that_is_down_is_asked_once_for_all_who_wait():
    door, iam = Door(good={"T1"}), Iam()
    async with target_by_password(door, iam) as client:
        await put(client)
        door.good = {"T3"}
        iam.status = 503
        assert (await put(client)).kind is FailureKind.RENEWED
        answers = await all_at_once(client)
        asked_meanwhile = iam.asked - 1
        iam.status = 201
        assert isinstance(await put(client), Reply)

    assert kinds(answers) == {FailureKind.NOT_SENT}
    assert asked_meanwhile == 1


async def test_a_password_that_is_refused_mid_run_ends_it():
    door, iam = Door(good={"T1"}), Iam()
    async with target_by_password(door, iam) as client:
        await put(client)
        door.good = set()
        iam.status = 401
        answers = [answer for each in await all_at_once(client, 1, put_until_settled) for answer in each]
        later = await all_at_once(client)

    assert [answer.kind for answer in answers] == [FailureKind.RENEWED, FailureKind.DENIED]
    assert kinds(later) == {FailureKind.DENIED}
    assert iam.asked == 2


async def test_a_password_that_was_refused_is_not_shown_for_the_next_target():
    iam, identity = Iam(status=401), Identity(PASSWORD)
    async with serving(iam) as iam_server:
        for _ in range(3):
            with pytest.raises(DeniedError):
                async with target("http://127.0.0.1:1", identity, iam_url=iam_server.url):
                    pass

    assert iam.asked == 1


@pytest.mark.parametrize("fresh", ["AK1", "AK2", "AK3"], ids=["unchanged", "good", "bad"])
async def test_two_targets_together_fail_no_more_often_than_one(fresh):
    one, two = Door(good={"AK2"}), Door(good={"AK2"})
    source = Source(key(fresh))
    identity = Identity(key("AK1"), source)
    async with (
        serving(one) as server_one,
        serving(two) as server_two,
        target(server_one.url, identity) as client_one,
        target(server_two.url, identity) as client_two,
    ):
        found = await asyncio.gather(
            all_at_once(client_one, do=put_until_settled), all_at_once(client_two, do=put_until_settled)
        )

    ends = kinds([each[-1] for answers in found for each in answers])
    assert ends == ({"reply"} if fresh == "AK2" else {FailureKind.DENIED})
    assert len(one.refused + two.refused) == (2 if fresh == "AK3" else 1)
    assert source.looks == 1


async def test_a_token_that_died_at_one_target_is_not_shown_at_the_other():
    one, two, iam = Door(good={"T1"}), Door(good={"T2"}), Iam()
    identity = Identity(PASSWORD)
    async with (
        serving(iam) as iam_server,
        serving(one) as server_one,
        serving(two) as server_two,
        target(server_one.url, identity, iam_url=iam_server.url) as client_one,
        target(server_two.url, identity, iam_url=iam_server.url) as client_two,
    ):
        await put(client_one)
        await put(client_two)
        one.good = two.good = {"T3", "T4"}
        assert isinstance((await put_until_settled(client_one))[-1], Reply)
        assert isinstance(await put(client_two), Reply)

    assert one.refused + two.refused == ["T1"]


async def test_one_target_that_refuses_every_new_token_does_not_go_on_for_ever():
    one, two, iam = Door(), Door(), Iam()
    one.good = {f"T{number}" for number in range(100)}
    identity = Identity(PASSWORD)
    async with (
        serving(iam) as iam_server,
        serving(one) as server_one,
        serving(two) as server_two,
        target(server_one.url, identity, iam_url=iam_server.url) as client_one,
        target(server_two.url, identity, iam_url=iam_server.url) as client_two,
    ):
        kinds_seen = []
        for _ in range(4):
            await put(client_one)
            kinds_seen.append((await put(client_two)).kind)

    assert kinds_seen == [FailureKind.RENEWED, *[FailureKind.DENIED] * 3]
    assert len(two.refused) == 2


async def test_a_key_near_its_end_is_renewed_once_before_it():
    door = Door(good={"AK1", "AK2"})
    now = NOW
    source = Source(key("AK2", renew_at=NOW + 7200))
    identity = Identity(key("AK1", renew_at=NOW + 3000), source, clock=lambda: now)
    async with serving(door) as server, target(server.url, identity) as client:
        await all_at_once(client)
        now = NOW + 3000
        assert kinds(await all_at_once(client)) == {"reply"}

    assert source.looks == 1
    assert door.shown == ["AK1"] * WORKERS + ["AK2"] * WORKERS


async def test_a_source_without_a_successor_yet_is_asked_once_a_minute():
    door = Door(good={"AK1"})
    now = NOW
    source = Source(key("AK1", renew_at=NOW - 1), ConfigError("nobody answers"))
    identity = Identity(key("AK1", renew_at=NOW - 1), source, clock=lambda: now)
    looks = []
    async with serving(door) as server, target(server.url, identity) as client:
        for moment in (0, 59, 61, 100, 122):
            now = NOW + moment
            assert kinds(await all_at_once(client, 4)) == {"reply"}
            looks.append(source.looks)

    assert looks == [1, 1, 2, 2, 3]


async def test_a_locked_key_is_left_alone_and_the_time_is_told():
    door = Door(refusal=LOCKED)
    source = Source(key("AK2"))
    identity = Identity(key("AK1"), source, clock=lambda: NOW)
    async with serving(door) as server, target(server.url, identity) as client:
        answers = await all_at_once(client)

    assert len(door.shown) == 1
    assert source.looks == 0
    assert kinds(answers) == {FailureKind.DENIED}
    # NOW is 03:04:05; five minutes later is 03:09:05.
    assert all("do not rerun before 03:10 UTC" in answer.hint for answer in answers)


async def test_a_token_of_another_project_is_not_renewed_and_not_shown_again():
    door = Door(refusal=OTHER_PROJECT)
    source = Source(key("AK2"))
    token = Token(source="env", origin="T", token=Secret("T1"))
    async with serving(door) as server, target(server.url, Identity(token, source)) as client:
        answers = await all_at_once(client)

    assert len(door.shown) == 1
    assert source.looks == 0
    assert kinds(answers) == {FailureKind.DENIED}
    assert all("another project" in answer.hint for answer in answers)


async def test_a_missing_permission_renews_nothing_and_holds_nobody_up():
    source = Source(key("AK2"))
    arrived = 0

    async def respond(_seen, writer):
        nonlocal arrived
        arrived += 1
        writer.write(response(403, {"error_code": "DCS.2003", "error_msg": "no permission"}))
        await writer.drain()

    async with serving(respond) as server, target(server.url, Identity(key("AK1"), source)) as client:
        answers = await all_at_once(client, do=list_page)

    assert arrived == WORKERS
    assert source.looks == 0
    assert kinds(answers) == {FailureKind.DENIED}


@dataclass
class Punctual(Door):
    """A door that looks at nothing but the time of a signature."""

    date: float = NOW

    def admits(self, seen):
        stamped = calendar.timegm(time.strptime(seen.headers["x-sdk-date"], "%Y%m%dT%H%M%SZ"))
        return abs(stamped - self.date) < 900


@pytest.mark.parametrize("off", [-1200, 1200, 86400], ids=["behind", "ahead", "a day ahead"])
async def test_a_clock_that_is_off_is_corrected_once_in_memory(off):
    door = Punctual(refusal=EXPIRED)
    source = Source(key("AK1"))
    identity = Identity(key("AK1"), source, clock=lambda: NOW + off)
    async with (
        serving(door) as server,
        target(server.url, identity) as client,
        target(server.url, identity) as second,
    ):
        answers = await all_at_once(client, do=put_until_settled)
        assert isinstance(await put(second), Reply)
        skew = client.skew_s

    assert len(door.refused) == 1
    assert source.looks == 0
    assert kinds([each[-1] for each in answers]) == {"reply"}
    (renewed,) = [answer for each in answers for answer in each[:-1]]
    assert f"this machine's clock is {abs(off)} s {'ahead of' if off > 0 else 'behind'} the server's" in renewed.message
    assert skew == off


async def test_a_correction_that_does_not_help_is_the_end():
    door = Door(refusal=EXPIRED, date=NOW)
    identity = Identity(key("AK1"), Source(key("AK2")), clock=lambda: NOW + 1200)
    async with serving(door) as server, target(server.url, identity) as client:
        answers = await put_until_settled(client)

    assert [answer.kind for answer in answers] == [FailureKind.RENEWED, FailureKind.DENIED]
    assert "1200 s ahead" in answers[-1].hint


async def test_a_small_difference_of_clocks_is_told_and_not_corrected():
    door = Door(refusal=EXPIRED, date=NOW)
    identity = Identity(key("AK1"), clock=lambda: NOW - 240)
    async with serving(door) as server, target(server.url, identity) as client:
        answer = await put(client)

    assert answer.kind is FailureKind.DENIED
    assert "240 s behind the server's" in answer.hint


async def test_the_difference_of_clocks_is_measured_on_success_too():
    door = Door(good={"AK1"}, date=NOW)
    async with serving(door) as server, target(server.url, Identity(key("AK1"), clock=lambda: NOW + 61)) as client:
        before = client.skew_s
        await put(client)

        assert (before, client.skew_s) == (None, 61)


async def test_the_look_up_of_the_project_uses_renewed_keys():
    async def iam(seen, writer):
        body = {"projects": [{"id": PROJECT, "name": "eu-west-101"}]}
        writer.write(response(200, body) if who(seen) == "AK2" else response(401, SIGNATURE_FAILS))
        await writer.drain()

    identity = Identity(key("AK1"), Source(key("AK2")))
    async with serving(iam) as server:
        where = {"iam_url": server.url, "project_id": None, "region": "eu-west-101"}
        async with target("http://127.0.0.1:1", identity, **where) as client:
            assert client.project_id == PROJECT

    assert len(server.ledger) == 2


async def test_a_dead_key_is_not_tried_at_iam_for_each_target():
    door = Door()
    identity = Identity(key("AK1"))
    async with serving(door) as server:
        where = {"iam_url": server.url, "project_id": None, "region": "eu-west-101"}
        for _ in range(3):
            with pytest.raises(DeniedError):
                async with target("http://127.0.0.1:1", identity, **where):
                    pass

    assert len(door.shown) == 1


async def test_nothing_that_is_told_has_a_secret_in_it():
    echo = {"error_code": "APIGW.0301", "error_msg": "verify CANARY-SK of ak: CANARYAK failed"}
    door = Door(refusal=echo)
    identity = Identity(replace(key("CANARYAK"), security_token=Secret("CANARY-ST")))
    async with serving(door) as server, target(server.url, identity) as client:
        answers = await all_at_once(client, 4)

    assert "CANARY" not in repr(answers) + repr(vars(identity)) + repr(vars(client)) + repr(vars(client._channel))


async def test_a_network_that_is_down_accepts_nothing_and_refuses_nothing():
    identity = Identity(key("AK1"), Source(key("AK2")))
    async with serving(closing) as server, target(server.url, identity) as client:
        answers = await all_at_once(client, 4)

    assert kinds(answers) == {FailureKind.LOST}
    assert identity.generation == 0


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what is waited for is not always the loop's
            await asyncio.sleep(0.001)

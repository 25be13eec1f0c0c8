"""The client and the simulator understand each other: every way to say who asks, every call, every refusal."""

from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from enforcer.dcs.access.identity import AccessKey, Password, Secret
from enforcer.dcs.access.renewal import Identity
from enforcer.dcs.client import connect
from enforcer.errors import DeniedError
from enforcer.model.answer import Failure, FailureKind, Reply
from enforcer.model.task import ResumeMode
from enforcer.simulator.serve import listening
from enforcer.simulator.settings import Settings


def key_of(account):
    token = account.security_token
    return AccessKey(
        source="env",
        origin="A, S",
        access=account.ak,
        secret=Secret(account.sk),
        security_token=Secret(token) if token else None,
    )


def password_of(account):
    return Password(
        source="env", origin="U, P", user=account.user, password=Secret(account.password), domain=account.domain
    )


def spoiled(key):
    return replace(key, secret=Secret("wrong"))


@asynccontextmanager
async def client_at(settings, credentials_of, *, knows_project=True):
    async with listening(settings) as stand:
        account = stand.account
        async with connect(
            target_name="prod",
            endpoint=stand.endpoint,
            iam_endpoint=stand.endpoint,
            region=account.region,
            project_id=account.project_id if knows_project else None,
            identity=Identity(credentials_of(account)),
            ca_file=None,
            proxy=None,
        ) as client:
            assert client.project_id == account.project_id
            yield client


@pytest.mark.parametrize("knows_project", [True, False], ids=["project", "region"])
@pytest.mark.parametrize("temporary", [False, True], ids=["permanent", "temporary"])
@pytest.mark.parametrize("credentials_of", [key_of, password_of], ids=["key", "password"])
async def test_a_change_shows_in_the_details_and_in_the_list(credentials_of, temporary, knows_project):
    settings = Settings(tasks=12, temporary_keys=temporary)
    async with client_at(settings, credentials_of, knows_project=knows_project) as client:
        page = await client.list_page(offset=0, limit=5)
        assert isinstance(page, Reply)
        assert len(page.value.tasks) == 5
        task = page.value.tasks[0]
        wanted = ResumeMode.MANUAL if task.resume_mode is ResumeMode.AUTO else ResumeMode.AUTO

        put = await client.set_mode(task.task_id, wanted)
        shown = await client.show(task.task_id)
        again = await client.list_page(offset=0, limit=1)

    assert isinstance(put, Reply)
    assert put.request_id is not None
    assert isinstance(shown, Reply)
    assert (shown.value.task_id, shown.value.resume_mode) == (task.task_id, wanted)
    assert isinstance(again, Reply)
    assert again.value.tasks[0].resume_mode is wanted


async def test_a_page_beyond_the_end_is_empty():
    async with client_at(Settings(tasks=3), key_of) as client:
        page = await client.list_page(offset=3, limit=10)

    assert isinstance(page, Reply)
    assert page.value.tasks == ()


async def test_a_wrong_key_is_denied():
    async with client_at(Settings(tasks=1), lambda account: spoiled(key_of(account))) as client:
        result = await client.list_page(offset=0, limit=1)

    assert isinstance(result, Failure)
    assert result.kind is FailureKind.DENIED
    assert result.hint is not None
    assert "secret key" in result.hint


async def test_a_wrong_password_is_denied():
    with pytest.raises(DeniedError):
        async with client_at(
            Settings(tasks=1), lambda account: replace(password_of(account), password=Secret("wrong"))
        ):
            pass


async def test_a_task_that_is_not_there_is_gone():
    async with client_at(Settings(tasks=1), key_of) as client:
        results = [await client.show("f" * 32), await client.set_mode("f" * 32, ResumeMode.AUTO)]

    assert [getattr(result, "kind", None) for result in results] == [FailureKind.GONE] * 2


async def test_hostile_rows_are_all_read():
    async with client_at(Settings(tasks=20, hostile=True), key_of) as client:
        page = await client.list_page(offset=0, limit=1000)

    assert isinstance(page, Reply)
    assert any(task.defect for task in page.value.tasks)
    assert any(not task.defect for task in page.value.tasks)

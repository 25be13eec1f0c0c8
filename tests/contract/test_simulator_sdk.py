"""The official SDK drives the simulator: if it is content, the stand-in stands in well enough."""

import contextlib
import warnings
from types import SimpleNamespace

import pytest

from tests.simulated import simulator


@pytest.fixture(scope="module")
def sdk(tmp_path_factory):
    """The SDK's names; it writes below HOME when it is imported, so that has to be elsewhere."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        from huaweicloudsdkcore.auth.credentials import BasicCredentials
        from huaweicloudsdkcore.exceptions import exceptions
        from huaweicloudsdkcore.http.http_config import HttpConfig
        from huaweicloudsdkcore.region.region import Region
        from huaweicloudsdkdcs import v2

        yield SimpleNamespace(
            BasicCredentials=BasicCredentials, exceptions=exceptions, HttpConfig=HttpConfig, Region=Region, v2=v2
        )


@contextlib.contextmanager
def client_of(sdk, cloud, **changed):
    """An SDK client for *cloud*, with its connections closed afterwards."""
    keys = {"ak": cloud.ak, "sk": cloud.sk, "project_id": cloud.project_id} | changed
    credentials = sdk.BasicCredentials(**keys).with_iam_endpoint(cloud.iam_endpoint)
    if cloud.security_token is not None:
        credentials = credentials.with_security_token(cloud.security_token)
    builder = sdk.v2.DcsClient.new_builder().with_credentials(credentials)
    if keys["project_id"] is None:
        builder = builder.with_region(sdk.Region(cloud.region, cloud.endpoint))
    else:
        builder = builder.with_endpoint(cloud.endpoint)
    client = builder.build()
    try:
        yield client
    finally:
        client._http_client._session.close()


def update(sdk, task_id, mode):
    body = sdk.v2.MigrationUpdateRequestEntity(resume_mode=mode)
    return sdk.v2.UpdateMigrationTaskRequest(task_id=task_id, body=body)


def refusal_of(sdk, call, *args):
    with pytest.raises(sdk.exceptions.ClientRequestException) as caught:
        call(*args)
    return caught.value


def test_it_lists_shows_and_updates(sdk):
    with simulator(tasks=25) as cloud, client_of(sdk, cloud) as client:
        page = client.list_migration_task(sdk.v2.ListMigrationTaskRequest(offset=20, limit=20))
        task = page.migration_tasks[0]
        other = "manual" if task.resume_mode == "auto" else "auto"
        client.update_migration_task(update(sdk, task.task_id, other))
        shown = client.show_migration_task(sdk.v2.ShowMigrationTaskRequest(task_id=task.task_id))

        assert (page.count, len(page.migration_tasks)) == (25, 5)
        assert other == shown.resume_mode
        assert other == cloud.task(task.task_id)["resume_mode"]
        assert shown.source_instance.password.startswith("SimRedisPw-")
        assert [request["status"] for request in cloud.requests()] == [200, 200, 200]
        assert ['{"resume_mode": "' + other + '"}'] == [put["body"] for put in cloud.puts()]


def test_it_finds_the_project_by_the_region(sdk):
    with simulator() as cloud, client_of(sdk, cloud, project_id=None) as client:
        page = client.list_migration_task(sdk.v2.ListMigrationTaskRequest())

        assert page.count == 60
        assert len(page.migration_tasks) == 10
        assert f"/v2/{cloud.project_id}/migration-tasks" == cloud.requests()[-1]["path"]


def test_temporary_keys_work_with_their_token_and_not_without(sdk):
    with simulator(temporary_keys=True) as cloud:
        with client_of(sdk, cloud) as client:
            page = client.list_migration_task(sdk.v2.ListMigrationTaskRequest())
        with client_of(sdk, cloud) as client:
            client._credentials.security_token = None
            refusal = refusal_of(sdk, client.list_migration_task, sdk.v2.ListMigrationTaskRequest())

        assert page.count == 60
        assert (refusal.status_code, refusal.error_code) == (401, "APIGW.0301")


def test_a_wrong_secret_is_refused_and_the_sixth_time_locks_the_key(sdk):
    with simulator() as cloud:
        with client_of(sdk, cloud, sk="wrong") as client:
            refusals = [
                refusal_of(sdk, client.list_migration_task, sdk.v2.ListMigrationTaskRequest()) for _ in range(7)
            ]
        with client_of(sdk, cloud) as client:
            right = refusal_of(sdk, client.list_migration_task, sdk.v2.ListMigrationTaskRequest())

        assert {(401, "APIGW.0301")} == {(each.status_code, each.error_code) for each in [*refusals, right]}
        assert all("verify aksk signature fail" in each.error_msg for each in refusals[:6])
        assert all("AK access failed to reach the limit,forbidden" in each.error_msg for each in [refusals[6], right])


def test_five_failures_do_not_lock_the_key(sdk):
    with simulator() as cloud:
        with client_of(sdk, cloud, sk="wrong") as client:
            for _ in range(5):
                refusal_of(sdk, client.list_migration_task, sdk.v2.ListMigrationTaskRequest())
        with client_of(sdk, cloud) as client:
            page = client.list_migration_task(sdk.v2.ListMigrationTaskRequest())

        assert page.count == 60


def test_an_unknown_key_is_named(sdk):
    with simulator() as cloud, client_of(sdk, cloud, ak="NOBODY") as client:
        refusal = refusal_of(sdk, client.list_migration_task, sdk.v2.ListMigrationTaskRequest())

        assert "Get secretKey failed,ak:NOBODY,err:ak not exist" in refusal.error_msg


def test_too_fast_is_429_and_a_put_is_told_nothing_more(sdk):
    with simulator(limit="1/h") as cloud, client_of(sdk, cloud) as client:
        page = client.list_migration_task(sdk.v2.ListMigrationTaskRequest())
        refusal = refusal_of(sdk, client.update_migration_task, update(sdk, page.migration_tasks[0].task_id, "manual"))

        assert refusal.status_code == 429
        assert [request["status"] for request in cloud.requests()] == [200, 429]


def test_an_unknown_task_is_400_not_404(sdk):
    with simulator() as cloud, client_of(sdk, cloud) as client:
        shown = refusal_of(sdk, client.show_migration_task, sdk.v2.ShowMigrationTaskRequest(task_id="0" * 32))
        updated = refusal_of(sdk, client.update_migration_task, update(sdk, "0" * 32, "auto"))

        assert {(400, "DCS.4133")} == {(each.status_code, each.error_code) for each in (shown, updated)}
        assert cloud.requests()[-1]["request_id"] == updated.request_id

"""What a script with the official SDK does.  python -m tests.bench.peers.sdk WAY ENDPOINT N [CA_FILE]

WAY is one of `WAYS`; N is how many updates are sent, or for `compare` how many tasks there are. Prints as JSON what the
sending took, without the start of the process: {"wall_s": ..., "cpu_s": ...}.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkdcs import v2
from huaweicloudsdkdcs.v2.dcs_async_client import DcsAsyncClient

from tests.bench import fleet

THREADS = 32
PAGE = 1000
PATIENCE_S = 1.0


def client(cls: Any, endpoint: str, ca_file: str | None) -> v2.DcsClient:
    credentials = BasicCredentials(
        os.environ["HUAWEICLOUD_SDK_AK"], os.environ["HUAWEICLOUD_SDK_SK"], os.environ["HUAWEICLOUD_SDK_PROJECT_ID"]
    )
    config = HttpConfig(ssl_ca_cert=ca_file)
    return cls.new_builder().with_credentials(credentials).with_endpoint(endpoint).with_http_config(config).build()


def update(task_id: str) -> v2.UpdateMigrationTaskRequest:
    body = v2.MigrationUpdateRequestEntity(resume_mode="manual")
    return v2.UpdateMigrationTaskRequest(task_id=task_id, body=body)


def loop(endpoint: str, number: int, ca_file: str | None) -> None:
    """One update after the other."""
    sdk = client(v2.DcsClient, endpoint, ca_file)
    for task_id in _ids(number):
        sdk.update_migration_task(update(task_id))


def threads(endpoint: str, number: int, ca_file: str | None) -> None:
    """The same client in threads."""
    sdk = client(v2.DcsClient, endpoint, ca_file)
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(sdk.update_migration_task, update(task_id)) for task_id in _ids(number)]:
            done.result()


def asynchronous(endpoint: str, number: int, ca_file: str | None) -> None:
    """The SDK's own client for many requests at once."""
    sdk = client(DcsAsyncClient, endpoint, ca_file)
    for answer in [sdk.update_migration_task_async(update(task_id)) for task_id in _ids(number)]:
        answer.result()


def compare(endpoint: str, number: int, ca_file: str | None) -> None:
    """List all tasks, and update those that are not as they should be."""
    sdk = client(v2.DcsClient, endpoint, ca_file)
    for offset in range(0, number, PAGE):
        page = sdk.list_migration_task(v2.ListMigrationTaskRequest(limit=PAGE, offset=offset))
        for task in page.migration_tasks:
            if task.resume_mode != "manual":
                sdk.update_migration_task(update(task.task_id))


def patient(endpoint: str, number: int, ca_file: str | None) -> None:
    """One update after the other; where the answer is 429, the same again after a second."""
    sdk = client(v2.DcsClient, endpoint, ca_file)
    for task_id in _ids(number):
        while not _taken(sdk, task_id):
            time.sleep(PATIENCE_S)


def _taken(sdk: v2.DcsClient, task_id: str) -> bool:
    try:
        sdk.update_migration_task(update(task_id))
    except ClientRequestException as refused:
        if refused.status_code != 429:
            raise
        return False
    return True


def _ids(number: int) -> Iterable[str]:
    return map(fleet.task_id, range(number))


WAYS: dict[str, Callable[[str, int, str | None], None]] = {
    "loop": loop,
    "threads": threads,
    "async": asynchronous,
    "compare": compare,
    "patient": patient,
}

if __name__ == "__main__":
    way, endpoint, number, *ca_file = sys.argv[1:]
    wall, cpu = time.perf_counter(), time.process_time()
    WAYS[way](endpoint, int(number), ca_file[0] if ca_file else None)
    sys.stdout.write(json.dumps({"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}))

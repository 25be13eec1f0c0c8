"""What a script with the official SDK does to switch tasks to auto: one after the other, as fast as it goes.

python -m tests.bench.peers.sdk_storm ENDPOINT < ids
"""

import os
import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkdcs import v2


def switch(endpoint: str, task_ids: list[str]) -> None:
    credentials = BasicCredentials(
        os.environ["HUAWEICLOUD_SDK_AK"], os.environ["HUAWEICLOUD_SDK_SK"], os.environ["HUAWEICLOUD_SDK_PROJECT_ID"]
    )
    client = v2.DcsClient.new_builder().with_credentials(credentials).with_endpoint(endpoint).build()
    for task_id in task_ids:
        body = v2.MigrationUpdateRequestEntity(resume_mode="auto")
        client.update_migration_task(v2.UpdateMigrationTaskRequest(task_id=task_id, body=body))


if __name__ == "__main__":
    switch(sys.argv[1], sys.stdin.read().split())

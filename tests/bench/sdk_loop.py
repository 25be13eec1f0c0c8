"""What a script with the official SDK does: one update after the other.  python -m tests.bench.sdk_loop ENDPOINT N"""

import os
import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkdcs import v2

from tests.bench import fleet


def send(endpoint: str, updates: int) -> None:
    credentials = BasicCredentials(
        os.environ["HUAWEICLOUD_SDK_AK"], os.environ["HUAWEICLOUD_SDK_SK"], os.environ["HUAWEICLOUD_SDK_PROJECT_ID"]
    )
    client = v2.DcsClient.new_builder().with_credentials(credentials).with_endpoint(endpoint).build()
    for number in range(updates):
        body = v2.MigrationUpdateRequestEntity(resume_mode="manual")
        client.update_migration_task(v2.UpdateMigrationTaskRequest(task_id=fleet.task_id(number), body=body))


if __name__ == "__main__":
    send(sys.argv[1], int(sys.argv[2]))

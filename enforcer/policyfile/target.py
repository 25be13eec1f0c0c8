"""The keys of a target."""

from typing import Final

from enforcer.model.policy import Target
from enforcer.policyfile import words
from enforcer.policyfile.building import placed
from enforcer.policyfile.fields import Field, Record

TARGET: Final = Record(
    name="a target",
    build=placed(Target),
    fields=(
        Field(
            key="name",
            reader=words.TARGET_NAME,
            required=True,
            about="Its name in flags, logs and reports; no other target has it.",
            example="prod-eu",
        ),
        Field(key="region", reader=words.REGION, about="The Huawei Cloud region.", example="eu-west-101"),
        Field(
            key="project_id",
            reader=words.PROJECT_ID,
            about="The project in that region.",
            example="0123456789abcdef0123456789abcdef",
        ),
        Field(
            key="endpoint",
            reader=words.ENDPOINT,
            about="Where DCS answers, if not at https://dcs.REGION.myhuaweicloud.com.",
            example="https://dcs.eu-west-101.myhuaweicloud.com",
        ),
        Field(
            key="iam_endpoint",
            reader=words.ENDPOINT,
            about="Where IAM answers, if not at the region's own address.",
            example="https://iam.eu-west-101.myhuaweicloud.com",
        ),
        Field(
            key="rate",
            reader=words.TARGET_RATE,
            about="Requests started for this target, instead of limits.rate.",
            example="60/m",
        ),
    ),
)

"""The keys of a target."""

from typing import Any, Final

from enforcer.model.policy import Target
from enforcer.model.rule import Origin
from enforcer.policyfile import words
from enforcer.policyfile.fields import Field, Record
from enforcer.policyfile.problems import Place


def _target(place: Place, **values: Any) -> Target:
    return Target(origin=Origin(file=place.file, line=place.line, column=place.column), **values)


TARGET: Final = Record(
    name="a target",
    build=_target,
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

"""The keys of a target."""

from typing import Final

from enforcer.core.text import endpoint, quantity
from enforcer.model.limits import Rate
from enforcer.model.policy import Target
from enforcer.policyfile import words
from enforcer.policyfile.building import placed
from enforcer.policyfile.readers import Field, Record, Word


def _rate(text: str) -> Rate:
    rate = quantity.parse_rate(text)
    if rate is None:
        raise ValueError("the rate of one target cannot be unlimited; expected a rate like 5/s, or no key here")
    return rate


REGION: Final = Word(
    what="a region like eu-west-101", parse=endpoint.check_region, json=words.as_code(endpoint.REGION_PATTERN, 64)
)
PROJECT_ID: Final = Word(
    what="a project id", parse=endpoint.check_project_id, json=words.as_code(endpoint.PROJECT_ID_PATTERN, 64)
)
ENDPOINT: Final = Word(
    what="an https URL", parse=endpoint.check_endpoint, json=words.as_string(endpoint.ENDPOINT_PATTERN)
)
RATE: Final = Word(
    what="a rate like 5/s", parse=_rate, json=words.as_string(rf"(?!unlimited)(?:{quantity.RATE_PATTERN})")
)

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
        Field(key="region", reader=REGION, about="The Huawei Cloud region.", example="eu-west-101"),
        Field(
            key="project_id",
            reader=PROJECT_ID,
            about="The project in that region.",
            example="0123456789abcdef0123456789abcdef",
        ),
        Field(
            key="endpoint",
            reader=ENDPOINT,
            about="Where DCS answers, if not at https://dcs.REGION.myhuaweicloud.com.",
            example="https://dcs.eu-west-101.myhuaweicloud.com",
        ),
        Field(
            key="iam_endpoint",
            reader=ENDPOINT,
            about="Where IAM answers, if not at the region's own address.",
            example="https://iam.eu-west-101.myhuaweicloud.com",
        ),
        Field(
            key="rate",
            reader=RATE,
            about="Requests started for this target, instead of limits.rate.",
            example="60/m",
        ),
    ),
)

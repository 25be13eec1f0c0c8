"""Where a region's services are, by the public cloud's pattern. Other clouds and sites name their endpoints.

The European site is one of these: its documents give hosts under myhuaweicloud.eu, the official SDK's
region file under myhuaweicloud.com.
"""

import re
from typing import Final

from enforcer.errors import ConfigError

_REGION: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)


def endpoint_for(region: str) -> str:
    """Return the DCS endpoint of *region*; raise ConfigError if that is no region's id."""
    return f"https://dcs.{_checked(region)}.myhuaweicloud.com"


def iam_endpoint_for(region: str) -> str:
    """Return the IAM endpoint of *region*; raise ConfigError if that is no region's id."""
    return f"https://iam.{_checked(region)}.myhuaweicloud.com"


def _checked(region: str) -> str:
    if not _REGION.fullmatch(region):
        raise ConfigError(f"{region[:64]!r} is no region id", hint="It looks like eu-west-101 or cn-north-4.")
    return region

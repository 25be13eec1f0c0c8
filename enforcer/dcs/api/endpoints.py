"""Where a region's services are, by the public cloud's pattern. Other clouds and sites name their endpoints.

The European site is one of these: its documents give hosts under myhuaweicloud.eu, the official SDK's
region file under myhuaweicloud.com.
"""

from enforcer.core.text.endpoint import check_region
from enforcer.errors import ConfigError


def endpoint_for(region: str) -> str:
    """Return the DCS endpoint of *region*; raise ConfigError if that cannot be a region's id."""
    return f"https://dcs.{_checked(region)}.myhuaweicloud.com"


def iam_endpoint_for(region: str) -> str:
    """Return the IAM endpoint of *region*; raise ConfigError if that cannot be a region's id."""
    return f"https://iam.{_checked(region)}.myhuaweicloud.com"


def _checked(region: str) -> str:
    try:
        return check_region(region)
    except ValueError as error:
        raise ConfigError(str(error)) from None

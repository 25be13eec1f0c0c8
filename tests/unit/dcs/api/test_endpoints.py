import pytest

from enforcer.dcs.api.endpoints import endpoint_for, iam_endpoint_for
from enforcer.errors import ConfigError


def test_a_region_has_its_hosts():
    assert endpoint_for("eu-west-101") == "https://dcs.eu-west-101.myhuaweicloud.com"
    assert iam_endpoint_for("cn-north-4") == "https://iam.cn-north-4.myhuaweicloud.com"


@pytest.mark.parametrize("region", ["", "evil.com/", "a@b", "A", "-a", "a\n", "é", "a" * 65])
def test_what_is_no_region_gets_no_host(region):
    with pytest.raises(ConfigError):
        endpoint_for(region)
    with pytest.raises(ConfigError):
        iam_endpoint_for(region)

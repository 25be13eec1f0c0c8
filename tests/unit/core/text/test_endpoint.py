import pytest

from enforcer.core.text.endpoint import check_endpoint, check_project_id, check_region


@pytest.mark.parametrize(
    "text",
    [
        "https://dcs.eu-west-101.myhuaweicloud.com",
        "https://dcs.example:8443",
        "https://10.0.0.1",
        "https://[2001:db8::1]:443",
        "http://127.0.0.1:8080",
        "http://127.255.0.9",
        "http://localhost:65535",
        "http://[::1]:1",
    ],
)
def test_an_https_host_or_a_loopback_address_is_an_endpoint(text):
    assert check_endpoint(text) == text
    assert check_endpoint(text + "/") == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "does not begin with https://"),
        ("dcs.example", "does not begin with https://"),
        ("ftp://dcs.example", "does not begin with https://"),
        ("HTTPS://dcs.example", "does not begin with https://"),
        ("file:///etc/passwd", "does not begin with https://"),
        ("http://dcs.example", "is plain http"),
        ("http://10.0.0.1", "is plain http"),
        ("http://127.0.0.1:8080/v2", "has a path"),
        ("http://localhost?x=1", "has a query"),
        ("http://127.0.0.1.example", "is plain http"),
        ("http://127.0.0.256", "is plain http"),
        ("http://127.1", "is plain http"),
        ("http://localhost.example", "is plain http"),
        ("http://[::2]", "is plain http"),
        ("https://user:S3CRET@dcs.example", "has a user name or a password"),
        ("https://user@dcs.example/v3?x#y", "has a user name or a password"),
        ("http://127.0.0.1@dcs.example", "has a user name or a password"),
        ("https://dcs.example?x=1", "has a query"),
        ("https://dcs.example/?x=1", "has a query"),
        ("https://dcs.example#x", "has a fragment"),
        ("https://dcs.example/v3", "has a path"),
        ("https://dcs.example//", "has a path"),
        ("https://dcs.example/..", "has a path"),
        ("https://", "names no possible host and port"),
        ("https://dcs.example:0", "names no possible host and port"),
        ("https://dcs.example:65536", "names no possible host and port"),
        ("https://dcs.example:", "names no possible host and port"),
        ("https://dcs..example", "names no possible host and port"),
        ("https://-dcs.example", "names no possible host and port"),
        ("https://dcs.example\n", "names no possible host and port"),
        ("https://dcs .example", "names no possible host and port"),
        ("https://[1:2]", "names no possible host and port"),
        ("https://dćs.example", "names no possible host and port"),
    ],
)
def test_any_other_endpoint_is_refused_with_its_fault(text, fault):
    with pytest.raises(ValueError, match=fault) as refused:
        check_endpoint(text)
    assert "S3CRET" not in str(refused.value)


@pytest.mark.parametrize("text", ["eu-west-101", "a", "0", "cn-north-4"])
def test_a_region_can_stand_in_a_host_name(text):
    assert check_region(text) == text


@pytest.mark.parametrize("text", ["", "EU", "-a", "a-", "a.b", "a/b", "a@b", "a\n", "a" * 65])
def test_a_text_that_would_change_the_host_is_no_region(text):
    with pytest.raises(ValueError, match="is no region"):
        check_region(text)


@pytest.mark.parametrize("text", ["0123456789abcdef0123456789abcdef", "A_b-1"])
def test_a_project_id_can_stand_in_a_path(text):
    assert check_project_id(text) == text


@pytest.mark.parametrize("text", ["", ".", "..", "../x", "a/b", "a?b", "a#b", "a%2f", "-a", "a\n", "a" * 65])
def test_a_text_that_would_change_the_path_is_no_project_id(text):
    with pytest.raises(ValueError, match="is no project id"):
        check_project_id(text)

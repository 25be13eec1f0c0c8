"""A server's URL: what is one, and that nobody sees the password in it."""

import pytest

from enforcer.core.text.database_url import check_database_url, has_password, passwords, shown

PASSWORDS = {
    "postgresql://enforcer:p%40ss@db.example/state": ("p%40ss",),
    "postgres://enforcer:secret@db1,db2:5433/state?target_session_attrs=read-write": ("secret",),
    "postgresql://db/state?user=enforcer&password=secret&sslpassword=other": ("secret", "other"),
    "postgresql://enforcer@db/state?sslmode=verify-full": (),
    "postgresql:///state?host=/run/postgresql": (),
}


@pytest.mark.parametrize(("url", "found"), PASSWORDS.items())
def test_every_password_is_known_and_none_is_shown(url, found):
    check_database_url(url)

    assert passwords(url) == found
    assert has_password(url) == bool(found)
    assert not any(password in shown(url) for password in found)


@pytest.mark.parametrize(
    ("url", "people_see"),
    [
        (
            "postgresql://enforcer:secret@db.example:5433/state?sslmode=require",
            "postgresql://enforcer@db.example:5433/state",
        ),
        ("postgres://db1,db2/state", "postgresql://db1,db2/state"),
        ("postgresql:///state?host=/run/postgresql", "postgresql:///run/postgresql/state"),
        ("postgresql://", "postgresql://"),
    ],
)
def test_people_see_user_host_and_database(url, people_see):
    assert shown(url) == people_see


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://enforcer:p@ss@db/state",
        "postgresql://enforcer:pa/ss@db/state",
        "postgresql://enforcer:pa?ss@db/state",
        "postgresql://enforcer:pa#ss@db/state",
        "mysql://db/state",
        "/var/lib/enforcer",
        "",
    ],
)
def test_what_would_be_taken_for_another_host_is_refused_without_being_repeated(url):
    with pytest.raises(ValueError, match=r"expected|ambiguous") as caught:
        check_database_url(url)
    assert "ss" not in str(caught.value).replace("password", "")

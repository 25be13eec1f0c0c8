"""The URL of a database server: whether it is one, and how people see it, which is never with its password."""

from urllib.parse import parse_qs, urlsplit

SCHEMES = ("postgresql://", "postgres://")


def is_database_url(text: str) -> bool:
    """Whether *text* is meant for one."""
    return text.startswith(SCHEMES)


def check_database_url(text: str) -> None:
    """Raise ValueError, which does not repeat the text, if *text* cannot be one.

    A password with an unescaped ``@``, ``/``, ``?`` or ``#`` would be taken for a host, and named in an error.
    """
    if not is_database_url(text):
        raise ValueError("expected postgresql://[USER@]HOST[:PORT]/DATABASE")
    if text.count("@") > urlsplit(text).netloc.count("@") or text.count("@") > 1 or "#" in text:
        raise ValueError(
            "the URL is ambiguous: in a user's name or a password, @ is written %40, / is %2F, ? is %3F, and # is %23"
        )


def has_password(text: str) -> bool:
    """Whether the URL *text* has a password in it."""
    return bool(passwords(text))


def passwords(text: str) -> tuple[str, ...]:
    """Return every password that the URL *text* has, as it is written there."""
    parts = urlsplit(text)
    _, _, before_host = parts.netloc.rpartition("@")[0].partition(":")
    in_query = [
        part.partition("=")[2] for part in parts.query.split("&") if part.startswith(("password=", "sslpassword="))
    ]
    return tuple(each for each in (before_host, *in_query) if each)


def shown(text: str) -> str:
    """Return the URL *text* for people: user, host and database, and nothing that may be secret."""
    parts = urlsplit(text)
    credentials, at, host = parts.netloc.rpartition("@")
    host = host or ",".join(parse_qs(parts.query).get("host", ()))
    return f"postgresql://{credentials.partition(':')[0]}{at}{host}{parts.path}"

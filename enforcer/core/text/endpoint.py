"""Where requests may go: the allowed shapes of an endpoint, a region, a project id and a task id.

What passes here is put into URLs as it stands. The patterns are regular expressions over the whole text that Python
and JSON Schema read alike. Messages never repeat an endpoint: a mistyped one may hold a password.
"""

import ipaddress
import re
from typing import Final

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = rf"{_LABEL}(?:\.{_LABEL})*"
_IPV6: Final = r"\[[0-9A-Fa-f:.]{2,45}\]"
_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_LOOPBACK: Final = rf"(?:localhost|127(?:\.{_OCTET}){{3}}|\[::1\])"
_PORT: Final = r"(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"

ENDPOINT_PATTERN: Final = rf"(?:https://(?:{_HOST}|{_IPV6})|http://{_LOOPBACK})(?::{_PORT})?/?"
PROXY_PATTERN: Final = rf"https?://(?:[^/?#@\s]+@)?(?:{_HOST}|{_IPV6})(?::{_PORT})?/?"
PUSHGATEWAY_PATTERN: Final = rf"https?://(?:[^/?#@\s]+@)?(?:{_HOST}|{_IPV6})(?::{_PORT})?(?:/[A-Za-z0-9._~/-]*)?"
REGION_PATTERN: Final = r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?"
PROJECT_ID_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
# Quoting is not enough: "." and ".." pass through it, and URL libraries resolve them.
TASK_ID_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}"

_FAULTS: Final = (
    (re.compile(r"https?:/?/?[^/?#]*@"), "the endpoint has a user name or a password in it"),
    (
        re.compile(rf"http://(?!{_LOOPBACK}(?:[:/?#]|$))[^/]"),
        "the endpoint is plain http, which is allowed for loopback addresses only",
    ),
    (re.compile(r"https?://[^/?#]*/?\?"), "the endpoint has a query"),
    (re.compile(r"https?://[^/?#]*/?#"), "the endpoint has a fragment"),
    (re.compile(r"https?://[^/?#]+/"), "the endpoint has a path"),
    (re.compile(r"(?!https?://)"), "the endpoint does not begin with https://"),
)


def check_endpoint(text: str) -> str:
    """Return *text* without a trailing slash if it is an https URL of a host, or an http URL of a loopback address.

    Raises ValueError("what is wrong; what was expected").
    """
    if re.fullmatch(ENDPOINT_PATTERN, text) and _is_address_sound(text):
        return text.removesuffix("/")
    fault = next((what for mark, what in _FAULTS if mark.match(text)), "the endpoint names no possible host and port")
    raise ValueError(f"{fault}; expected https://HOST or https://HOST:PORT and nothing after it")


def canonical(endpoint: str) -> str:
    """Return the one spelling of a sound *endpoint*: lower case, with its port, without a trailing slash."""
    text = endpoint.lower().removesuffix("/")
    has_port = re.search(r":[0-9]+$", text.rpartition("]")[2])
    return text if has_port else text + (":80" if text.startswith("http:") else ":443")


def check_proxy(text: str) -> str:
    """Return *text* if it is the URL of a proxy; raise ValueError("what is wrong; what was expected")."""
    if not (re.fullmatch(PROXY_PATTERN, text) and _is_address_sound(text)):
        raise ValueError("the proxy is no URL of a proxy; expected http://HOST:PORT or http://USER:PASSWORD@HOST:PORT")
    return text


def check_pushgateway(text: str) -> str:
    """Return *text* if it is the URL of a Pushgateway; raise ValueError("what is wrong; what was expected").

    Plain http is what most of them speak, inside a network; a password goes that way to a loopback address only.
    """
    if not (re.fullmatch(PUSHGATEWAY_PATTERN, text) and _is_address_sound(text)):
        raise ValueError(
            "that is no URL of a Pushgateway; expected http://HOST:PORT or https://USER:PASSWORD@HOST:PORT"
        )
    if re.match(rf"http://[^/]*@(?!{_LOOPBACK}(?:[:/]|$))", text):
        raise ValueError("the URL has a password, which http would send in the clear; expected https")
    return text


def _is_address_sound(text: str) -> bool:
    bracketed = re.search(r"\[(.*)\]", text)
    try:
        return bracketed is None or ipaddress.IPv6Address(bracketed[1]) is not None
    except ValueError:
        return False


def check_region(text: str) -> str:
    """Return *text* if it can stand in a host name; raise ValueError("what is wrong; what was expected")."""
    if not re.fullmatch(REGION_PATTERN, text):
        raise ValueError(f"{text!r} is no region; expected lower-case letters, digits and -, like eu-west-101")
    return text


def check_project_id(text: str) -> str:
    """Return *text* if it can stand in a path; raise ValueError("what is wrong; what was expected")."""
    if not re.fullmatch(PROJECT_ID_PATTERN, text):
        raise ValueError(
            f"{text!r} is no project id; expected letters, digits, _ and -, like 0123456789abcdef0123456789abcdef"
        )
    return text

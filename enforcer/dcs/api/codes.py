"""Error codes of the DCS service, of the gateway and of IAM: what is told by a code alone.

The service has two families for the same conditions, ``DCS.4063`` and ``111400063``. The gateway's codes
start with ``APIGW.`` or, in some regions, ``APIG.``, with the same digits.
"""

import re
from typing import Final

_GATEWAY: Final = re.compile(r"APIGW?\.([0-9]{4})", re.ASCII)
_SERVICE: Final = re.compile(r"DCS\.([0-9]{4})", re.ASCII)
_SERVICE_NUMERIC: Final = re.compile(r"111([45][0-9]{2})[0-9]{3}", re.ASCII)
_STATUS: Final = re.compile(r"[45][0-9]{2}", re.ASCII)


def _by_code(table: dict[int, str]) -> dict[str, int]:
    return {code: status for status, codes in table.items() for code in codes.split()}


# The statuses that the codes come with, where it is not 400.
_GATEWAY_STATUS: Final = _by_code(
    {
        401: "0301 0303 0305 0307 0311",
        403: "0302 0304 0306 0310 0401 0402 0404 0801 0802",
        404: "0101 0103",
        405: "0501 0502",
        429: "0308",
        500: "0601 0605 0606 0608 0609 0611 0612 0705",
        502: "0610",
        503: "0613",
        504: "0201",
    }
)
_SERVICE_STATUS: Final = _by_code(
    {
        401: "1001 1002 1003 1004",
        403: "2003 2007 3002 3003",
        404: "4001 3022",
        405: "5001",
        500: "5000 4069 5095",
    }
)
_NO_SUCH_TASK: Final = frozenset({"DCS.4133", "111400133", "DCS.3022", "111404022"})
_NO_SUCH_ADDRESS: Final = frozenset({"DCS.4001", "111404001"})
_OTHER_PROJECT: Final = frozenset({"DCS.1004", "111401004"})


def implied_status(code: str | None) -> int | None:
    """Return the HTTP status that *code* normally comes with, or None for a code of no known family."""
    if code is None:
        return None
    if digits := gateway_digits(code):
        return _GATEWAY_STATUS.get(digits, 400)
    if match := _SERVICE.fullmatch(code):
        return _SERVICE_STATUS.get(match[1], 400)
    if match := _SERVICE_NUMERIC.fullmatch(code):
        return int(match[1])
    return int(code) if _STATUS.fullmatch(code) else None


def gateway_digits(code: str | None) -> str | None:
    """Return the digits of a gateway's code, or None for a code of someone else."""
    match = _GATEWAY.fullmatch(code or "")
    return match[1] if match else None


def means_throttled(code: str | None) -> bool:
    return gateway_digits(code) == "0308"


def means_backend_timeout(code: str | None) -> bool:
    """Whether the gateway gave up waiting for the service, which may have done what was asked."""
    return gateway_digits(code) == "0201"


def means_no_such_task(status: int, code: str | None) -> bool:
    """Whether the service, and not the gateway or a stranger, says that the task does not exist."""
    if code is None or code in _NO_SUCH_ADDRESS:
        return False
    is_of_service = _SERVICE.fullmatch(code) or _SERVICE_NUMERIC.fullmatch(code)
    return code in _NO_SUCH_TASK or (status == 404 and is_of_service is not None)


def means_other_project(code: str | None) -> bool:
    return code in _OTHER_PROJECT

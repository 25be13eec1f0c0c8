"""The error answers of the three speakers: the DCS service, the gateway in front of it, and IAM.

Each has a body of its own shape; a client has to read all of them.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any


class RefusalError(Exception):
    """A request gets an error answer instead of what it asked for."""

    def __init__(self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def body(self, request_id: str) -> dict[str, Any]:
        """Return the JSON object to answer with."""
        raise NotImplementedError


class DcsError(RefusalError):
    """The service said no."""

    def body(self, request_id: str) -> dict[str, Any]:  # noqa: ARG002 - only the gateway repeats the id
        return {"error_code": self.code, "error_msg": self.message, "error_ext_msg": None}


class GatewayError(RefusalError):
    """The gateway said no, and the service never saw the request."""

    def body(self, request_id: str) -> dict[str, Any]:
        return {"error_msg": self.message, "error_code": self.code, "request_id": request_id}


class IamError(RefusalError):
    """IAM said no; it has no codes but the status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, str(status), message)

    def body(self, request_id: str) -> dict[str, Any]:  # noqa: ARG002 - only the gateway repeats the id
        title = HTTPStatus(self.status).phrase
        return {"error": {"code": self.status, "message": self.message, "title": title}}


def unauthenticated(reason: str) -> GatewayError:
    """Return the gateway's 401 for credentials that IAM does not accept."""
    return GatewayError(401, "APIGW.0301", f"Incorrect IAM authentication information: {reason}")

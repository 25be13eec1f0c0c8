"""What an exception of the HTTP library means: what is known of whether the request was sent. No I/O.

Never read from an exception's ``status``: aiohttp gives 400 to what it cannot parse.
"""

import ssl
from typing import Final

import aiohttp
from yarl import URL

from enforcer.dcs.call import Call
from enforcer.dcs.failures import NOT_DCS_HINT, unanswered
from enforcer.dcs.texts import plain, shortened
from enforcer.model.answer import Failure, FailureKind

_CERTIFICATE_HINT: Final = (
    "If the server's certificate is from a CA of your own, name that CA with --ca-file. "
    "The check cannot be switched off."
)
_TLS_HINT: Final = "Check that the endpoint speaks TLS 1.2 or later on this port."
_CUT: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


class AnswerLostError(aiohttp.ClientError):
    """The request may have been sent, and the connection broke before an answer."""


def failure_of(error: Exception, call: Call, *, host: str, proxy: str | None) -> Failure:
    """Return what *error* means for a request of *call* to *host*."""
    match error:
        case aiohttp.ClientSSLError():
            return _tls_failed(error, host)
        case aiohttp.ClientHttpProxyError():
            return _proxy_refused(error, proxy)
        case aiohttp.ClientConnectorError():
            return _not_connected(error, host, proxy)
        case aiohttp.ConnectionTimeoutError():
            return _not_sent(f"could not connect to {host} in time")
        case aiohttp.ClientResponseError():
            return _garbage(call)
        case _:
            return unanswered(call, _end(error))


def _tls_failed(error: aiohttp.ClientSSLError, host: str) -> Failure:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        reason = plain(_certificate_problem(error.certificate_error))
        return _config(f"the TLS certificate of {host} is not accepted: {reason}", _CERTIFICATE_HINT)
    message = f"no TLS connection to {host}: {plain(_ssl_problem(error.os_error))}"
    if isinstance(error.os_error, _CUT):
        return _not_sent(message)
    return _config(message, _TLS_HINT)


def _not_connected(error: aiohttp.ClientConnectorError, host: str, proxy: str | None) -> Failure:
    reason = plain(error.os_error.strerror or type(error.os_error).__name__)
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return _not_sent(f"could not connect to the proxy {_proxy_name(proxy)}: {reason}")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return _not_sent(f"the name {host} could not be resolved: {reason}")
    return _not_sent(f"could not connect to {host}: {reason}")


def _end(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "it took too long"
        case AnswerLostError():
            return "the connection broke before the answer"
        case aiohttp.ClientPayloadError():
            return "the answer broke off"
        case _:
            return f"the connection failed ({type(error).__name__})"


def _garbage(call: Call) -> Failure:
    what = "what came back is not HTTP"
    if call.changes:
        return unanswered(call, what)
    message = f"{call.noun} got no usable answer: {what}"
    return Failure(kind=FailureKind.PROTOCOL, message=message, hint=NOT_DCS_HINT)


def _proxy_refused(error: aiohttp.ClientHttpProxyError, proxy: str | None) -> Failure:
    name = _proxy_name(proxy)
    if error.status == 407:
        return _config(f"the proxy {name} wants other credentials (407)", "Check the proxy's user and password.")
    return _not_sent(f"the proxy {name} refused to connect ({error.status})")


def _proxy_name(proxy: str | None) -> str:
    """Return host and port: the rest of a proxy's URL may be a password."""
    return URL(proxy).host_port_subcomponent or "" if proxy else ""


def _certificate_problem(error: Exception) -> str:
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error)


def _ssl_problem(error: OSError) -> str:
    reason = error.reason if isinstance(error, ssl.SSLError) else None
    return (reason or "the handshake failed").replace("_", " ").lower()


def _not_sent(message: str) -> Failure:
    return Failure(kind=FailureKind.NOT_SENT, message=shortened(message))


def _config(message: str, hint: str) -> Failure:
    return Failure(kind=FailureKind.CONFIG, message=shortened(message), hint=hint)

"""What an exception of the HTTP library means: what is known of whether the request was sent. No I/O.

Never read from an exception's ``status``: aiohttp gives 400 to what it cannot parse.
"""

import errno
import os
import ssl
from typing import Final

import aiohttp
from yarl import URL

from enforcer.dcs.api.call import Call
from enforcer.dcs.api.failures import NOT_DCS_HINT, unanswered
from enforcer.dcs.api.texts import plain, shortened
from enforcer.dcs.network.exchange import HttpProcessingError
from enforcer.model.answer import Failure, FailureKind

_CERTIFICATE_HINT: Final = (
    "If the server's certificate is from a CA of your own, name that CA with --ca-file. "
    "The check cannot be switched off."
)
_OUTDATED_HINT: Final = (
    "Check the clock of this machine. If it is right, the server needs another certificate; one from a CA of your own "
    "is named with --ca-file. The check cannot be switched off."
)
_OTHER_HOST_HINT: Final = (
    "Check the endpoint: the server that answers there is another one. If its CA is your own, --ca-file names it. "
    "The check cannot be switched off."
)
# OpenSSL's X509_V_ERR_…: not yet valid, has expired, host name mismatch, IP address mismatch.
_HINTS: Final = {9: _OUTDATED_HINT, 10: _OUTDATED_HINT, 62: _OTHER_HOST_HINT, 64: _OTHER_HOST_HINT}
_WAY_HINT: Final = (
    "Check the endpoint, the region and the network on the way there; `enforcer doctor POLICY` looks at each."
)
_PROXY_HINT: Final = "Check --proxy or HTTPS_PROXY, and that the proxy is up."
_FILES_HINT: Final = "Allow more open files (ulimit -n), or lower the concurrency."
_TLS_HINT: Final = "Check that the endpoint speaks TLS 1.2 or later on this port."
_CUT: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


def failure_of(  # noqa: PLR0911 - one line for each kind of error
    error: Exception, call: Call, *, host: str, proxy: str | None, certificate: str | None = None
) -> Failure:
    """Return what *error* means for a request of *call* to *host*; *certificate* is in words what the server showed."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return _certificate_refused(error.certificate_error, host, certificate)
        case aiohttp.ClientSSLError():
            return _tls_failed(error.os_error, host)
        case aiohttp.ClientHttpProxyError():
            return _proxy_refused(error, proxy)
        case aiohttp.ClientConnectorError():
            return _not_connected(error, host, proxy)
        case aiohttp.ConnectionTimeoutError():
            return _not_sent(f"could not connect to {host}{_through(proxy)} in time", _WAY_HINT)
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return _garbage(call)
        case _:
            return unanswered(call, _end(error))


def _certificate_refused(problem: Exception, host: str, certificate: str | None) -> Failure:
    reason, code = str(problem), 0
    if isinstance(problem, ssl.SSLCertVerificationError):
        reason, code = problem.verify_message, problem.verify_code
    shown = f" ({certificate})" if certificate else ""
    message = f"the TLS certificate of {host} is not accepted: {plain(reason)}{shown}"
    return _config(message, _HINTS.get(code, _CERTIFICATE_HINT))


def _tls_failed(problem: OSError, host: str) -> Failure:
    message = f"no TLS connection to {host}: {plain(_ssl_problem(problem))}"
    return _not_sent(message) if isinstance(problem, _CUT) else _config(message, _TLS_HINT)


def _not_connected(error: aiohttp.ClientConnectorError, host: str, proxy: str | None) -> Failure:
    reason = plain(_in_words(error.os_error))
    if error.os_error.errno in {errno.EMFILE, errno.ENFILE}:
        return _config(f"could not connect to {host}: {reason}", _FILES_HINT)
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return _config(f"could not connect to the proxy {_proxy_name(proxy)}: {reason}", _PROXY_HINT)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        # With a proxy it is the proxy's name that is looked up here.
        return _not_sent(f"the name {error.host} could not be resolved: {reason}", _WAY_HINT)
    return _not_sent(f"could not connect to {host}: {reason}", _WAY_HINT)


def _in_words(error: OSError) -> str:
    """Return the system's own words where asyncio puts others in their place."""
    if error.errno is not None and error.errno in errno.errorcode:
        return os.strerror(error.errno)
    return error.strerror or type(error).__name__


def _end(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "it took too long"
        case aiohttp.ClientOSError() | aiohttp.ServerDisconnectedError():
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


def _through(proxy: str | None) -> str:
    return f" through the proxy {_proxy_name(proxy)}" if proxy else ""


def _proxy_name(proxy: str | None) -> str:
    """Return host and port: the rest of a proxy's URL may be a password."""
    return URL(proxy).host_port_subcomponent or "" if proxy else ""


def _ssl_problem(error: OSError) -> str:
    reason = error.reason if isinstance(error, ssl.SSLError) else None
    return (reason or "the handshake failed").replace("_", " ").lower()


def _not_sent(message: str, hint: str | None = None) -> Failure:
    return Failure(kind=FailureKind.NOT_SENT, message=shortened(message), hint=hint)


def _config(message: str, hint: str) -> Failure:
    return Failure(kind=FailureKind.CONFIG, message=shortened(message), hint=hint)

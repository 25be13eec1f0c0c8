"""The one TLS configuration: at least 1.2, certificates always checked, no session keys written anywhere."""

import os
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Final

from enforcer.errors import ConfigError

_HINT: Final = "Name a file of CA certificates with --ca-file, or install the system's (package ca-certificates)."


@lru_cache(maxsize=4)
def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """
    Return a context that trusts *ca_file* alone, or the system's CAs; raise ConfigError if it would trust none.

    Cached: all targets share it, and reading the system's CAs takes some 20 ms.
    """
    # Not create_default_context, which writes session keys to the file that SSLKEYLOGFILE names.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is None:
        _trust_system(context)
    else:
        _trust_file(context, ca_file)
    return context


def _trust_file(context: ssl.SSLContext, ca_file: str) -> None:
    try:
        context.load_verify_locations(cafile=ca_file)
    except ssl.SSLError:
        raise ConfigError(f"the CA file {ca_file} has no certificate in PEM form") from None
    except OSError as error:
        raise ConfigError(f"the CA file {ca_file} cannot be read: {error.strerror}") from None
    if context.cert_store_stats()["x509_ca"] == 0:
        raise ConfigError(f"no certificate in the CA file {ca_file} is that of a CA")


def _trust_system(context: ssl.SSLContext) -> None:
    context.load_default_certs()
    if context.cert_store_stats()["x509_ca"] > 0:
        return
    paths = ssl.get_default_verify_paths()
    # OpenSSL heeds the variable by itself, and trusts nobody without a word if the file is not there.
    if os.environ.get(paths.openssl_cafile_env):
        raise ConfigError(f"the file that {paths.openssl_cafile_env} names has no CA certificates", hint=_HINT)
    # Certificates in a directory are read when they are asked for, so they are not in the count.
    if not (paths.capath and any(Path(paths.capath).iterdir())):
        raise ConfigError("this system has no CA certificates to check servers by", hint=_HINT)

"""What the TLS configuration trusts, and when there is none to trust."""

import ssl

import pytest

from enforcer.dcs.network.tls import tls_context
from enforcer.errors import ConfigError

fresh = tls_context.__wrapped__


def test_certificates_and_names_are_always_checked():
    context = fresh(None)

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_no_session_keys_are_written(tmp_path, monkeypatch):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))

    assert fresh(None).keylog_filename is None


def test_a_variable_that_leads_to_no_cas_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone"))

    with pytest.raises(ConfigError, match="SSL_CERT_FILE") as caught:
        fresh(None)
    assert caught.value.hint is not None
    assert "--ca-file" in caught.value.hint


@pytest.mark.parametrize("text", ["", "not a certificate"])
def test_a_file_without_a_ca_is_refused(text, tmp_path):
    path = tmp_path / "ca.pem"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match="CA file"):
        fresh(str(path))

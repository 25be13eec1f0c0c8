"""What a certificate says of itself, and that nothing else is taken for one."""

import datetime as dt
import ssl
from contextlib import suppress

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from enforcer.dcs.network.certificate import described


def der_of(certificate):
    return ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode())


@pytest.mark.parametrize(("year", "day"), [(2031, "2031-05-04"), (2049, "2049-05-04"), (2051, "2051-05-04")])
def test_subject_issuer_and_last_day(year, day):
    ca = trustme.CA(organization_name="Our CA", organization_unit_name="Tests")
    until = dt.datetime(year, 5, 4, tzinfo=dt.UTC)
    leaf = ca.issue_cert("dcs.example.com", common_name="dcs", organization_name="Us", not_after=until)

    text = described(der_of(leaf))

    assert text.startswith("it is of O=Us, OU=")
    assert "CN=dcs" in text
    assert "issued by O=Our CA, OU=Tests" in text
    assert text.endswith(f"valid until {day}")


def test_a_long_or_hostile_name_is_cut_and_plain():
    leaf = trustme.CA().issue_cert("a.example", organization_name="\x1b[31m" + "x" * 60, common_name="y" * 60)

    text = described(der_of(leaf))

    assert text.isprintable()
    assert len(text) < 220


@given(data=st.binary(max_size=300))
def test_what_is_no_certificate_is_told_by_two_errors_only(data):
    with pytest.raises((ValueError, IndexError)):
        described(data)


def test_a_cut_certificate_never_does_harm():
    whole = der_of(trustme.CA().issue_cert("a.example"))

    for length in range(len(whole)):
        with suppress(ValueError, IndexError):
            assert described(whole[:length]).isprintable()

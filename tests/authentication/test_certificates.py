"""Users by their client certificates."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from protocube import errors
from protocube_server.authentication.authenticator import Authenticator
from protocube_server.authentication.certificates import Certificates
from protocube_server.authentication.tokens import Tokens
from protocube_server.calls.user import User
from tests.authentication.identified import identified

KEY = ec.generate_private_key(ec.SECP256R1())
NOW = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)


def certificate(*attributes: tuple[x509.ObjectIdentifier, str], year: int = 2027) -> bytes:
    """Return a certificate in PEM whose subject has these attributes, valid until a year."""
    subject = x509.Name(
        [x509.NameAttribute(kind, text, _validate=False) for kind, text in attributes]
    )
    wanted = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")]))
        .public_key(KEY.public_key())
        .serial_number(1 << 150)
        .not_valid_before(NOW - dt.timedelta(days=9000))
        .not_valid_after(dt.datetime(year, 1, 1, tzinfo=dt.UTC))
    )
    return wanted.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _certificates(at: dt.datetime = NOW) -> Certificates:
    return Certificates(clock=at.timestamp)


COMMON_NAME, ORGANIZATION = NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME
ALICE = certificate((COMMON_NAME, "alice"), (ORGANIZATION, "b"), (ORGANIZATION, "a"))


def test_the_common_name_is_the_user_and_organizations_are_groups() -> None:
    """The credential is named by the certificate's fingerprint, as in Kubernetes."""
    identity = _certificates().find(ALICE)
    assert identity is not None
    binary = x509.load_pem_x509_certificate(ALICE).public_bytes(serialization.Encoding.DER)
    credential = f"X509SHA256={hashlib.sha256(binary).hexdigest()}"
    assert identity.user == User(
        name="alice",
        groups=("b", "a", "system:authenticated"),
        extra={"authentication.kubernetes.io/credential-id": (credential,)},
    )


@pytest.mark.parametrize(
    "name", ["CN=x,O=system:masters", "jürgen", "a\\,O=b", "日本", "system:node:a", "x" * 60]
)
def test_names_are_taken_as_they_are(name: str) -> None:
    """No text of a name can be taken for another attribute."""
    identity = _certificates().find(certificate((COMMON_NAME, name)))
    assert identity is not None
    assert (identity.user.name, identity.user.groups) == (name, ("system:authenticated",))


def test_what_is_odd_about_a_certificate_is_not_told(recwarn: pytest.WarningsRecorder) -> None:
    """Callers choose it, and a warning for each of them would fill a log."""
    odd = certificate((NameOID.COUNTRY_NAME, "long"), (NameOID.COMMON_NAME, "alice"))
    recwarn.clear()  # To make one is warned of, too.
    found = _certificates().find(odd)
    assert found is not None
    assert found.user.name == "alice"
    assert not [str(each.message) for each in recwarn]


def test_a_certificate_without_a_common_name_proves_nobody() -> None:
    """Organizations alone make no user."""
    assert _certificates().find(certificate((ORGANIZATION, "system:masters"))) is None


@pytest.mark.parametrize("year", [2027, 2055, 9998])
def test_a_certificate_proves_nobody_when_its_time_has_passed(year: int) -> None:
    """TLS looks at the time when a connection begins; calls on it come later."""
    shown = certificate((COMMON_NAME, "alice"), year=year)
    end = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
    times = [NOW, end + dt.timedelta(seconds=1)]

    def clock() -> float:
        return times[0].timestamp()

    found = Certificates(clock=clock)
    identity = found.find(shown)
    assert identity is not None
    assert identity.is_valid()
    del times[0]
    assert not identity.is_valid()
    with pytest.raises(errors.Unauthenticated) as refused:
        found.find(shown)
    (cause,) = refused.value.violations
    assert str(cause) == f"the client certificate expired at {year}-01-01T00:00:00Z"


def test_what_is_no_certificate_proves_nobody() -> None:
    """Bytes that are cut off or changed are refused without another error."""
    rolled = random.Random(16)
    binary = x509.load_pem_x509_certificate(ALICE).public_bytes(serialization.Encoding.DER)
    head, end = b"-----BEGIN CERTIFICATE-----\n", b"\n-----END CERTIFICATE-----\n"
    found = _certificates()
    for shown in (b"", b"no", head, head + end, head + b"?" + end, ALICE[:200]):
        with pytest.raises(errors.Unauthenticated, match=r"^Unauthorized$"):
            found.find(shown)
    for _ in range(2000):
        changed = bytearray(binary[: rolled.randrange(1, len(binary))])
        for _ in range(rolled.randrange(4)):
            changed[rolled.randrange(len(changed))] = rolled.randrange(256)
        with contextlib.suppress(errors.Unauthenticated):
            found.find(head + base64.b64encode(changed) + end)


def test_a_certificate_comes_before_a_token() -> None:
    """The token is not looked at, also when the certificate has expired.

    Without a name in the certificate the token decides.
    """
    tokens = Tokens({"t": User(name="bob")})
    asked = Authenticator(tokens=tokens, certificates=_certificates())
    assert identified(asked.identity("Bearer t", ALICE)).user.name == "alice"
    assert identified(asked.identity("Bearer wrong", ALICE)).user.name == "alice"
    for asked_at in (
        dt.datetime(2027, 1, 2, tzinfo=dt.UTC),
        dt.datetime(2055, 1, 1, tzinfo=dt.UTC),
    ):
        late = Authenticator(tokens=tokens, certificates=_certificates(asked_at), anonymous=True)
        for value in ("Bearer t", None):
            with pytest.raises(errors.Unauthenticated):
                late.identity(value, ALICE)
    nameless = certificate((ORGANIZATION, "x"))
    assert identified(asked.identity("Bearer t", nameless)).user.name == "bob"
    with pytest.raises(errors.Unauthenticated):
        asked.identity(None, nameless)

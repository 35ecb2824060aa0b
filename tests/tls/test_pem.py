"""A server's certificate and key, as they are judged before anybody connects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from protocube import pem

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tls.authority import Authority, Issued, PrivateKey


def refusal(issued: Issued) -> str:
    """Return why a server cannot show a pair."""
    with pytest.raises(pem.UnusableCertificate) as caught:
        pem.server_pair(issued.certificate, issued.key)
    return str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["P-256", "P-384", "RSA"],
)
def test_keys_that_every_client_takes(authority: Authority, key: PrivateKey) -> None:
    """The files are given as they are."""
    issued = authority.issue("server", key=key)
    pair = pem.server_pair(issued.certificate, issued.key)
    assert pair.certificate == issued.certificate.read_bytes()
    assert pair.key == issued.key.read_bytes()


@pytest.mark.parametrize(
    "key",
    [ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP521R1())],
    ids=["Ed25519", "P-521"],
)
def test_keys_that_grpc_does_not_verify(authority: Authority, key: PrivateKey) -> None:
    """Go's clients would take them; those on gRPC's C library would only see a closed socket."""
    issued = authority.issue("server", key=key)
    assert refusal(issued) == (
        f"{issued.certificate}: gRPC clients take no such key: "
        "use RSA, or ECDSA on the curve P-256 or P-384"
    )
    # A client's pair is for the server to judge: it may be an etcd, which takes them.
    assert pem.client_pair(issued.certificate, issued.key).key == issued.key.read_bytes()


def test_a_key_that_is_too_short(authority: Authority) -> None:
    """It is the key's length that is named, not its form."""
    issued = authority.issue("server", key=rsa.generate_private_key(65537, 1024))
    assert refusal(issued) == f"{issued.certificate}: ee key too small"


def test_a_key_under_a_passphrase(authority: Authority) -> None:
    """Nobody is asked for the passphrase."""
    issued = authority.issue("server", passphrase=b"secret")
    assert refusal(issued) == f"{issued.key} holds no private key in PEM form without a passphrase"


def test_a_chain_begins_with_the_servers_own_certificate(
    authority: Authority, tmp_path: Path
) -> None:
    """A chain in another order is refused, and the refusal says which certificate is meant."""
    issued = authority.issue("server")
    own, above = issued.certificate.read_bytes(), authority.file.read_bytes()
    issued.certificate.write_bytes(own + above)
    assert pem.server_pair(issued.certificate, issued.key).certificate == own + above
    issued.certificate.write_bytes(above + own)
    assert refusal(issued) == (
        f"{tmp_path}/server.key is not the key of the first certificate in {tmp_path}/server.pem"
    )

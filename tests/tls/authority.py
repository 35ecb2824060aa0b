"""A certificate authority for tests, good for a day and trusted by nobody else."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey

_DAY = dt.timedelta(days=1)
LOOPBACK = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """The files of a certificate and its key."""

    certificate: Path
    key: Path


class Authority:
    """Issues certificates into a folder."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = dt.datetime.now(dt.UTC)
        own = (
            _certificate(self._name, self._name, self._key.public_key())
            .not_valid_before(now - 10 * _DAY)
            .not_valid_after(now + _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def issue(
        self,
        name: str,
        *hosts: str,
        days: tuple[float, float] = (-1, 1),
        file: str = "",
        key: PrivateKey | None = None,
        passphrase: bytes = b"",
        named: bool = True,
        groups: Sequence[str] = (),
    ) -> Issued:
        """Issue a certificate for ``hosts``, valid between two days counted from now.

        Its files are called ``file``, or else ``name``. ``key`` is a new one on P-256 by
        default, and lies under ``passphrase`` where there is one. Without ``named`` there is
        no alternative name at all, as in certificates of old. ``groups`` are its organizations;
        without a ``name`` there is no common name.
        """
        key = key or ec.generate_private_key(ec.SECP256R1())
        now = dt.datetime.now(dt.UTC)
        subject = x509.Name(
            [
                *(x509.NameAttribute(NameOID.COMMON_NAME, each) for each in [name] if each),
                *(x509.NameAttribute(NameOID.ORGANIZATION_NAME, each) for each in groups),
            ]
        )
        wanted = (
            _certificate(subject, self._name, key.public_key())
            .not_valid_before(now + days[0] * _DAY)
            .not_valid_after(now + days[1] * _DAY)
        )
        if named:
            names = x509.SubjectAlternativeName([_alternative(host) for host in hosts or (name,)])
            wanted = wanted.add_extension(names, critical=False)
        made = wanted.sign(self._key, hashes.SHA256())
        stem = file or name
        issued = Issued(certificate=self._folder / f"{stem}.pem", key=self._folder / f"{stem}.key")
        issued.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        issued.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(passphrase)
                if passphrase
                else serialization.NoEncryption(),
            )
        )
        return issued


def _certificate(subject: x509.Name, issuer: x509.Name, key: PublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
    )


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)

"""What the files of a TLS connection hold."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from protocube import pem

if TYPE_CHECKING:
    from protocube.pem import Pair
    from protocube_client.connection.transport import Tls


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the files of a :class:`Tls` hold."""

    authorities: bytes | None
    """PEM; ``None`` where the system has none in a file."""
    pair: Pair | None

    @classmethod
    def read(cls, tls: Tls) -> Material:
        """Read the files. Raises ``pem.UnusableCertificate``."""
        if bool(tls.client_certificate) != bool(tls.client_key):
            raise pem.UnusableCertificate("a client certificate and its key go together")
        pair = None
        if tls.client_certificate and tls.client_key:
            pair = _pair(tls.client_certificate, tls.client_key)
        authority = tls.certificate_authority
        if isinstance(authority, bytes):
            return cls(authorities=pem.authorities_of(authority), pair=pair)
        if authority:
            return cls(authorities=pem.authorities(Path(authority)), pair=pair)
        system = ssl.get_default_verify_paths().cafile
        return cls(authorities=Path(system).read_bytes() if system else None, pair=pair)


def _pair(certificate: Path | str | bytes, key: Path | str | bytes) -> Pair:
    if isinstance(certificate, bytes) or isinstance(key, bytes):
        return pem.client_pair_of(_read(certificate), _read(key))
    return pem.client_pair(Path(certificate), Path(key))


def _read(given: Path | str | bytes) -> bytes:
    if isinstance(given, bytes):
        return given
    try:
        return Path(given).read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise pem.UnusableCertificate(f"cannot read {given}: {reason}") from None

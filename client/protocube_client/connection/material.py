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
            pair = pem.client_pair(Path(tls.client_certificate), Path(tls.client_key))
        if tls.certificate_authority:
            return cls(authorities=pem.authorities(Path(tls.certificate_authority)), pair=pair)
        system = ssl.get_default_verify_paths().cafile
        return cls(authorities=Path(system).read_bytes() if system else None, pair=pair)

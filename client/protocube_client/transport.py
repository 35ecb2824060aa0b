"""How a connection is secured, as a user chooses it; and its files, read.

Plaintext is for this machine alone unless it is asked for: a server elsewhere is
spoken to in TLS, and its certificate is checked.
"""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from protocube import pem

if TYPE_CHECKING:
    from protocube.pem import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Plaintext:
    """No security: whoever is on the way can read and change everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """TLS. The files are PEM, and are read when a connection is made."""

    certificate_authority: Path | str | None = None
    """Who may have issued the server's certificate; the system's authorities by default."""
    client_certificate: Path | str | None = None
    client_key: Path | str | None = None
    server_name: str = ""
    """What the server's certificate must be for; the server's host by default."""
    verify: bool = True
    """Without it anybody can pose as the server. The certificate that is shown first
    is the one to be shown from then on, and it must still be valid."""


Transport = Plaintext | Tls


def default(host: str) -> Transport:
    """Give the transport to ``host`` where nobody chose one."""
    return Plaintext() if is_loopback(host) else Tls()


def is_loopback(host: str) -> bool:
    """Tell whether ``host``, a name or an address, is this machine itself."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


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

"""How a connection is secured, as a user chooses it.

Plaintext is for this machine alone unless it is asked for: a server elsewhere is
spoken to in TLS, and its certificate is checked.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Plaintext:
    """No security: anyone on the way can read and change everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """TLS. The files are PEM, and are read when a connection is made; bytes are PEM themselves."""

    certificate_authority: Path | str | bytes | None = None
    """Who may have issued the server's certificate; the system's authorities by default."""
    client_certificate: Path | str | bytes | None = None
    """What proves who calls, with the ``client_key``, which goes with it."""
    client_key: Path | str | bytes | None = field(default=None, repr=False)
    """The key of the ``client_certificate``."""
    server_name: str = ""
    """What the server's certificate must be for; the server's host by default."""
    verify: bool = True
    """Without it any other server can pose as this one. The certificate that is shown first
    is the one to be shown from then on, and it must still be valid."""


Transport = Plaintext | Tls


def default(host: str) -> Transport:
    """Return the transport to ``host`` where none was chosen."""
    return Plaintext() if is_loopback(host) else Tls()


def is_loopback(host: str) -> bool:
    """Tell whether ``host``, a name or an address, is this machine itself."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"

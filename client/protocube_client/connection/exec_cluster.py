"""What an exec plugin is told of the server."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from protocube_client.connection.transport import Tls

if TYPE_CHECKING:
    from protocube_client.connection.transport import Transport


def told(server: str, transport: Transport, authorities: bytes | None) -> dict[str, Any]:
    """Return the field ``spec.cluster`` of an ``ExecCredential``."""
    found: dict[str, Any] = {"server": server}
    if isinstance(transport, Tls):
        if transport.server_name:
            found["tls-server-name"] = transport.server_name
        if not transport.verify:
            found["insecure-skip-tls-verify"] = True
        if transport.certificate_authority and authorities:
            found["certificate-authority-data"] = base64.b64encode(authorities).decode()
    return found

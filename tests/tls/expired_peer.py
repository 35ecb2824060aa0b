"""A peer that shows an expired certificate, as a server does that outlived its own."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import grpc

from tests.tls.authority import LOOPBACK, Authority

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@contextlib.asynccontextmanager
async def expired_peer(authority: Authority) -> AsyncGenerator[str, None]:
    """Provide the address of one; ``cube-apiserver`` would not start with such a certificate."""
    expired = authority.issue("expired", *LOOPBACK, days=(-5, -1))
    pair = (expired.key.read_bytes(), expired.certificate.read_bytes())
    peer = grpc.aio.server()
    port = peer.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
    await peer.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await peer.stop(None)

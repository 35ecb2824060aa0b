"""What a server lets through before it is known who calls: connections, and their first words."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from protocube.catalog import Catalog
from protocube_server.edge import tls
from protocube_server.edge.gate import CallLimits
from protocube_server.edge.tls import TlsFiles
from protocube_server.serving import serving
from protocube_server.storage.sqlite import SqliteStore
from tests import bare_server
from tests.server.caller import OWN, Caller
from tests.tls.authority import LOOPBACK, Authority

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

LIST = "/protocube.core.v1.Namespaces/List"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@asynccontextmanager
async def _listening(
    folder: Path, limits: CallLimits, *, secure: bool = False
) -> AsyncGenerator[str, None]:
    store = await SqliteStore.open(folder / "store.db")
    credentials = None
    if secure:
        own = Authority(folder, "here").issue("server", *LOOPBACK)
        credentials = tls.credentials(TlsFiles(certificate=own.certificate, key=own.key))
    async with serving(
        await bare_server.api_over(store),
        listen="127.0.0.1:0",
        store="sqlite",
        credentials=credentials,
        limits=limits,
        grace=0.1,
    ) as server:
        yield server.address
    await store.close()


async def _until_closed(address: str, said: bytes = b"") -> None:
    """Connect, say something or nothing, and wait until the server closes the connection."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(said)
    try:
        while await reader.read(4096):
            pass
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("said", [b"", PREFACE[:10], PREFACE, b"GET / HTTP/1.1\r\n\r\n", b"\x16"])
async def test_a_connection_without_a_beginning_ends(
    said: bytes, tmp_path: Path, *, secure: bool
) -> None:
    """Whoever connects and does not go on is cut off, and does not take a place for long."""
    limits = CallLimits(handshake=0.2)
    async with _listening(tmp_path, limits, secure=secure) as address, asyncio.timeout(10):
        await _until_closed(address, said)


async def test_connections_beyond_the_limit_are_closed_at_once(tmp_path: Path) -> None:
    """Those that are there go on, and a place that is free again can be taken."""
    limits = CallLimits(connections=2, handshake=30.0)
    async with _listening(tmp_path, limits) as address, asyncio.timeout(20):
        async with Caller(address, Catalog.shipped(), OWN) as first:
            await first.send(LIST, b"")
            host, _, port = address.rpartition(":")
            _, writer = await asyncio.open_connection(host, int(port))
            await _until_closed(address)
            await first.send(LIST, b"")
            writer.close()
        async with Caller(address, Catalog.shipped(), OWN) as third:
            while True:
                try:
                    await third.send(LIST, b"", seconds=1)
                except Exception:  # noqa: BLE001  # its place is not free yet
                    continue
                break

"""Compressed requests: refused before a byte of them is inflated."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest

from protocube.catalog import Catalog
from protocube.core.v1 import config_map_service_pb2
from tests import server_process
from tests.server.caller import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.server_process import ServerProcess

METHOD = "/protocube.core.v1.ConfigMaps/Create"
BOMB = bytes(100 * 1024 * 1024)
"""A hundred kilobytes once it is compressed."""
MOST_MIB = 40
"""What many callers at once may take: a few buffers each, and nothing that was inflated."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[ServerProcess, None]:
    """Provide a server process of its own, whose memory nothing else fills."""
    flags = ("--listen", "127.0.0.1:0", "--store", f"sqlite:{tmp_path}/store.db")
    async with server_process.started(*flags) as process:
        await process.ready()
        yield process


def _peak_mib(server: ServerProcess) -> int:
    status = Path(f"/proc/{server.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) // 1024


async def _refusal(address: str, how: grpc.Compression, body: bytes) -> grpc.aio.AioRpcError:
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)]
    async with grpc.aio.insecure_channel(address, compression=how, options=options) as channel:
        call: Any = channel.unary_unary(METHOD, None, None)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(body, timeout=60)
        return caught.value


@pytest.mark.parametrize("how", [grpc.Compression.Gzip, grpc.Compression.Deflate])
async def test_a_small_request_that_inflates_takes_no_memory(
    server: ServerProcess, how: grpc.Compression
) -> None:
    """The peak stays where it was, whatever a request would become, and others are served."""
    async with Caller(server.address, Catalog.shipped()) as api:
        await api.create(api.make("cm", "before"))
        before = _peak_mib(server)
        found = await asyncio.gather(*(_refusal(server.address, how, BOMB) for _ in range(4)))
        await api.create(api.make("cm", "after"))
    assert {error.code() for error in found} == {grpc.StatusCode.UNIMPLEMENTED}
    assert _peak_mib(server) - before < MOST_MIB


@pytest.mark.parametrize("how", [grpc.Compression.Gzip, grpc.Compression.Deflate])
async def test_the_refusal_names_what_is_not_supported(
    server: ServerProcess, how: grpc.Compression
) -> None:
    """A request within all limits is refused, too, as gRPC's rules for compression want it."""
    request = config_map_service_pb2.CreateConfigMapRequest()
    request.object.metadata.name = "a"
    request.object.data["k"] = "v" * 4000
    error = await _refusal(server.address, how, request.SerializeToString())
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert error.details() == f"Compression algorithm '{how.name.lower()}' is disabled."

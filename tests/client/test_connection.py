"""The connection: errors of the network and of the server become ours."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_client.connection.connection import Connection
from protocube_client.connection.unreachable import CannotConnect, ConnectionRefused
from tests.relay import Relay

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

GET = "/protocube.core.v1.ConfigMaps/Get"


@contextlib.asynccontextmanager
async def answering(text: bytes) -> AsyncGenerator[str, None]:
    """Listen on a port that answers every connection with ``text`` and hangs up."""
    handlers: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handlers.add(task)
        try:
            await reader.read(1)
            writer.write(text)
            await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with listener:
        yield f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        # A client that tries again may have come in the last moment: no more do.
        listener.close()
        await asyncio.gather(*handlers)


async def failure(address: str, method: str = GET, limit: float | None = None) -> Exception:
    """Return what a call to ``address`` raises."""
    async with Connection(address) as connection:
        with pytest.raises(errors.ApiError) as caught:
            await connection.call(method, b"", timeout=limit)
    return caught.value


async def test_a_refused_connection_says_so_as_kubectl_does() -> None:
    """Where nobody listens, the error has kubectl's words and its own class."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        error = await failure(address)
    assert isinstance(error, ConnectionRefused)
    assert str(error) == (
        f"The connection to the server {address} was refused"
        " - did you specify the right host or port?"
    )


async def test_a_host_without_an_address_is_named() -> None:
    """A name that leads nowhere: nothing was sent, whichever words this gRPC has for it."""
    address = "no..where:7443"  # an empty label: nobody's name server is asked
    error = await failure(address)
    assert type(error) is CannotConnect
    assert str(error) == f"Unable to connect to the server: the host of {address} is not known"


async def test_a_web_server_is_told_from_a_grpc_server() -> None:
    """A server that answers in HTTP/1 is named as what it is."""
    async with answering(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") as address:
        error = await failure(address)
    assert type(error) is CannotConnect
    assert str(error) == (
        f"Unable to connect to the server: {address} is not a gRPC server: "
        "it answered as a plain web server"
    )


async def test_a_server_that_hangs_up_may_want_tls() -> None:
    """A connection that is closed at once is reported with what to look at."""
    async with answering(b"\x15\x03\x01\x00\x02\x02\x0a") as address:
        error = await failure(address)
    assert type(error) is CannotConnect
    assert str(error).startswith(f"Unable to connect to the server: {address}: ")
    assert str(error).endswith("(is it a gRPC server, and does it speak without TLS?)")


async def test_a_silent_server_times_out() -> None:
    """A call ends after its own time, or after that of the connection."""
    # The kernel takes the connection; nobody reads from it.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        error = await failure(address, limit=0.05)
        assert isinstance(error, errors.Timeout)
        assert str(error) == f"the server {address} did not answer in time"
        async with Connection(address, timeout=0.05) as connection:
            with pytest.raises(errors.Timeout):
                await connection.call(GET, b"")


@pytest.mark.parametrize(
    "address", ["", "localhost", ":7443", "host:", "host:99999", "host:x", "::1:7443"]
)
def test_an_address_is_host_and_port(address: str) -> None:
    """What is no ``HOST:PORT`` is refused before anything is sent."""
    with pytest.raises(ValueError, match="is not HOST:PORT"):
        Connection(address)


@pytest.mark.parametrize("scheme", ["http", "https", "grpc", "dns"])
def test_an_address_has_no_scheme(scheme: str) -> None:
    """It would be taken for a part of the host, which nobody finds: it is named."""
    with pytest.raises(ValueError, match=f'is not HOST:PORT: leave out "{scheme}://"$'):
        Connection(f"{scheme}://127.0.0.1:7443")


async def test_the_errors_of_the_server_are_rebuilt(server: str) -> None:
    """Class, sentence, resource and name of the server's exception arrive."""
    request = requests_pb2.GetRequest(name="none")
    async with Connection(server) as connection:
        with pytest.raises(errors.NotFound) as caught:
            await connection.call(GET, request.SerializeToString())
    assert str(caught.value) == 'configmaps "none" not found'
    assert (caught.value.resource, caught.value.name) == ("configmaps", "none")


async def test_a_method_that_is_not_served_is_named(server: str) -> None:
    """An unknown method is no mystery of the protocol."""
    error = await failure(server, "/protocube.core.v1.ConfigMaps/Nope")
    assert isinstance(error, errors.MethodNotSupported)


async def test_what_grpc_refuses_for_its_size_is_told_like_the_rest(server: str) -> None:
    """A request that the server's gRPC drops has its size named, and no bound of gRPC's own."""
    async with Connection(server) as connection:
        with pytest.raises(errors.TooLarge) as caught:
            await connection.call(GET, bytes(13_000_000))
    assert str(caught.value) == (
        "Request entity too large: 13000000 bytes (--max-request-bytes of the server)"
    )


async def test_a_lost_connection_leaves_the_outcome_unknown(server: str) -> None:
    """When the connection breaks after the request was sent, it may have been carried out."""
    async with Relay(server) as relay, Connection(relay.address) as connection:
        request = requests_pb2.GetRequest(name="none").SerializeToString()
        with pytest.raises(errors.NotFound):
            await connection.call(GET, request)
        relay.hold_answers()
        call = asyncio.create_task(connection.call(GET, request))
        await relay.asked.wait()
        relay.cut()
        with pytest.raises(errors.OutcomeUnknown, match="was lost before the answer came"):
            await call


async def test_a_closed_connection_connects_anew(server: str) -> None:
    """Closing lets go of the socket; the next call makes another one."""
    connection = Connection(server)
    request = requests_pb2.GetRequest(name="default").SerializeToString()
    for _ in range(2):
        answer = await connection.call("/protocube.core.v1.Namespaces/Get", request)
        assert answer.body
        await connection.close()

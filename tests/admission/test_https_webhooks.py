"""Connections to webhooks: those that never end their answers hold up no others."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest

from protocube.catalog import Catalog
from protocube_server.admission.webhooks.hook import Unreached, of_configuration
from protocube_server.edge.grpc_webhooks import GrpcWebhooks
from protocube_server.edge.https_webhooks import HttpsWebhooks
from tests.tls.authority import LOOPBACK, Authority

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
_MANY = 33
"""One more than there are threads."""


class _Server:
    """Answers over TLS: byte by byte without end, or at once."""

    def __init__(self) -> None:
        self.drips = True
        self.ended = asyncio.Event()
        self.handlers: set[asyncio.Task[Any]] = set()

    async def answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """See ``asyncio.start_server``."""
        handler = asyncio.current_task()
        assert handler is not None
        self.handlers.add(handler)
        drips = self.drips
        with contextlib.suppress(OSError):
            if not drips:
                writer.write(_ANSWER)
                await writer.drain()
            while not self.ended.is_set():
                if drips:
                    writer.write(b"H")
                    await writer.drain()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await self.ended.wait()
        writer.transport.abort()


def _configuration(port: int, authority: bytes) -> Any:
    found = Catalog.shipped().for_kind(
        "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"
    )
    assert found is not None
    message: Any = found.message_class()
    webhook = message.webhooks.add(name="w.example.test")
    webhook.client_config.url = f"https://127.0.0.1:{port}/"
    webhook.client_config.ca_bundle = authority
    return message


@contextlib.asynccontextmanager
async def _hooked(folder: Path, answer: Any) -> AsyncGenerator[tuple[HttpsWebhooks, Any], None]:
    """Provide webhooks, and a hook at a server that answers so."""
    authority = Authority(folder, "webhooks")
    shown = authority.issue("webhook", *LOOPBACK)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown.certificate, shown.key)
    webhooks = HttpsWebhooks()
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        (hook,) = of_configuration(_configuration(port, authority.file.read_bytes()))
        try:
            yield webhooks, hook
        finally:
            webhooks.close()


async def test_answers_without_an_end_hold_up_no_others(tmp_path: Path) -> None:
    """Their threads are free once nobody waits for them."""
    told = _Server()
    async with _hooked(tmp_path, told.answer) as (webhooks, hook):

        async def call(seconds: float) -> bytes:
            async with asyncio.timeout(seconds):
                return await webhooks(hook, b"{}", seconds=seconds)

        try:
            calls = (call(2.0) for _ in range(_MANY))
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
            assert all(isinstance(each, TimeoutError) for each in outcomes), outcomes
            told.drips = False
            assert await call(15.0) == b"{}"
        finally:
            told.ended.set()
            await asyncio.gather(*told.handlers)


async def test_each_call_has_its_own_time(tmp_path: Path) -> None:
    """Also on the connection of a call that had less: it is not cut off, and sent again."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                asked.append(await reader.readuntil(b"\r\n\r\n{}"))
                if len(asked) > 1:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(2.5):
                            await asyncio.Event().wait()
                writer.write(_ANSWER)
                await writer.drain()

    async with _hooked(tmp_path, answer) as (webhooks, hook):
        for seconds in (2.0, 30.0):
            assert await webhooks(hook, b"{}", seconds=seconds) == b"{}"
    assert len(asked) == 2


async def test_a_webhook_over_grpc_that_is_away_is_looked_for_every_second() -> None:
    """However long it was away: once it is back, it is not missed for minutes."""
    looks = asyncio.Queue[None]()

    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        looks.put_nowait(None)
        writer.close()

    webhooks = GrpcWebhooks()
    # By gRPC's own pauses the fifth look would be after nine seconds.
    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server, asyncio.timeout(5):
        configuration = _configuration(1, b"")
        port = server.sockets[0].getsockname()[1]
        configuration.webhooks[0].client_config.url = f"grpc://127.0.0.1:{port}"
        (hook,) = of_configuration(configuration)
        while looks.qsize() < 5:
            with pytest.raises(Unreached):
                await webhooks(hook, b"", seconds=1)
    await webhooks.close()


@pytest.mark.parametrize("is_of_machine", [False, True])
async def test_a_webhook_over_grpc_is_trusted_as_one_over_https(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_of_machine: bool
) -> None:
    """By its bundle, or else by the authorities of the machine."""
    authority = Authority(tmp_path, "webhooks")
    shown = authority.issue("webhook", *LOOPBACK)
    bundle = authority.file.read_bytes()
    if is_of_machine:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        bundle = b""
    server = grpc.aio.server()
    handler: Any = grpc.unary_unary_rpc_method_handler(lambda request, _: request)
    handlers = {"Review": handler}
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("protocube.admission.v1.Webhook", handlers),)
    )
    pair = (shown.key.read_bytes(), shown.certificate.read_bytes())
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
    await server.start()
    configuration = _configuration(1, bundle)
    configuration.webhooks[0].client_config.url = f"grpcs://127.0.0.1:{port}"
    (hook,) = of_configuration(configuration)
    webhooks = GrpcWebhooks()
    assert await webhooks(hook, b"asked", seconds=10) == b"asked"
    await webhooks.close()
    await server.stop(None)

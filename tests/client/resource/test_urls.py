"""Manifests are fetched from the web as kubectl fetches them."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from protocube.manifests.manifest_error import ManifestError
from protocube_client.connection.unreachable import CannotConnect, ConnectionRefused
from protocube_client.resource.visitors.url import UrlVisitor
from tests.client.resource.walking import config_map, create

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_client.resource.text.text_stream import Read
    from protocube_client.resource.visitor import Visitor, VisitorFunc

MANIFEST = config_map("web").encode()


class _Server(ThreadingHTTPServer):
    """Answers what its paths say and counts the requests for each."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: dict[str, int] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Answer ``/STATUS[,STATUS...]``, one status a request and the last one for ever."""
        count = self.server.seen[self.path] = self.server.seen.get(self.path, 0) + 1
        if self.path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(MANIFEST)
            return
        statuses = self.path.strip("/").split(",")
        status = int(statuses[min(count, len(statuses)) - 1])
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/200")
        if status == 307:
            self.send_header("Location", "file:///etc/hostname")
        body = MANIFEST if status == 200 else b""
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the parent's name
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[_Server]:
    """Provide a web server on a free port."""
    with _Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


async def _fetch(url: str) -> bytes:
    """Return what a UrlVisitor hands to the stream, without pauses between attempts."""
    body = b""

    class Collector:
        def __init__(self, read: Read) -> None:
            self._read = read

        async def visit(self, fn: VisitorFunc) -> None:
            del fn
            nonlocal body
            while data := await self._read():
                body += data

    def streamed(read: Read, source: str) -> Visitor:
        assert source == url
        return Collector(read)

    async def unused(*_: object) -> None:
        raise AssertionError

    await UrlVisitor(url, streamed, pause=0).visit(unused)
    return body


async def test_a_manifest_is_fetched_and_created(server: _Server) -> None:
    """Its source is the URL; redirects are followed."""
    walk = await create(f"{server.url}/302")
    assert walk.out == ["configmap/web created"]
    assert walk.infos[0].source == f"{server.url}/302"


async def test_a_failing_server_is_asked_three_times(server: _Server) -> None:
    """The third answer counts; after it the error names status and reason."""
    assert await _fetch(f"{server.url}/500,503,200") == MANIFEST
    with pytest.raises(ManifestError) as caught:
        await _fetch(f"{server.url}/503")
    assert str(caught.value) == (
        f'unable to read URL "{server.url}/503", '
        "server reported 503 Service Unavailable, status code=503"
    )
    assert server.seen["/503"] == 3


async def test_another_refusal_is_final(server: _Server) -> None:
    """Nobody asks twice for what is not there."""
    with pytest.raises(ManifestError, match=r"server reported 404 Not Found, status code=404$"):
        await _fetch(f"{server.url}/404")
    assert server.seen["/404"] == 1


async def test_a_body_that_is_cut_short_is_an_error(server: _Server) -> None:
    """Half a manifest must not pass for a whole one."""
    with pytest.raises(ManifestError, match="unexpected EOF"):
        await _fetch(f"{server.url}/short")


async def test_a_redirect_does_not_leave_the_web(server: _Server) -> None:
    """A server cannot make the client read its own files."""
    with pytest.raises((ManifestError, CannotConnect)) as caught:
        await _fetch(f"{server.url}/307")
    assert "hostname" not in str(caught.value) or "not allowed" in str(caught.value)


async def test_a_server_that_is_not_there_is_named() -> None:
    """In kubectl's sentence."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as gone:
        host = f"127.0.0.1:{gone.server_port}"
    with pytest.raises(ConnectionRefused) as caught:
        await _fetch(f"http://{host}/x")
    assert str(caught.value) == (
        f"The connection to the server {host} was refused - did you specify the right host or port?"
    )

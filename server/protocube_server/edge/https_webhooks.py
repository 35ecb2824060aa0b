"""Calls webhooks over HTTPS, in threads of their own: the standard library's client blocks."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import http.client
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from protocube_server.admission.webhooks.hook import NO_ADDRESS, Unreached

if TYPE_CHECKING:
    from protocube_server.admission.webhooks.hook import Hook

_THREADS: Final = 32
"""Webhooks that are called at a time."""
_IDLE: Final = 8
"""Connections to one webhook that are kept."""
_MOST: Final = 4 * 1024 * 1024
"""Bytes of an answer."""
_PORT: Final = 443
_OK: Final = 200


class HttpsWebhooks:
    """See :class:`~protocube_server.admission.webhooks.hook.Send`. Close it."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._is_closed = False
        self._idle: dict[tuple[str, bytes], list[http.client.HTTPSConnection]] = {}

    async def __call__(self, hook: Hook, body: bytes, *, seconds: float) -> bytes:
        """Return the body of the answer to a POST. Raises :class:`Unreached`."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="webhook")
        loop, line = asyncio.get_running_loop(), _Line()
        send = functools.partial(self._send, hook, body, seconds, line)
        try:
            return await loop.run_in_executor(self._threads, send)
        except asyncio.CancelledError:
            # An answer that comes byte by byte would keep its thread for ever.
            line.cut()
            raise

    def close(self) -> None:
        """Close what is idle, and begin no more calls."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._is_closed = True
            for connections in self._idle.values():
                for connection in connections:
                    connection.close()
            self._idle.clear()

    def _send(self, hook: Hook, body: bytes, seconds: float, line: _Line) -> bytes:
        try:
            parts = urlsplit(hook.url)
            port = parts.port or _PORT
        except ValueError:
            raise Unreached(NO_ADDRESS) from None
        path = f"{parts.path or '/'}?timeout={max(1, round(seconds))}s"
        key = (parts.netloc, hook.authority)
        connection = self._take(key)
        try:
            if connection is not None:
                # One that was kept may have been closed meanwhile: then a new one is tried.
                try:
                    line.use(connection)
                    return self._exchange(connection, key, path, body, seconds)
                except (OSError, http.client.HTTPException):
                    connection.close()
            connection = _Connection(parts.hostname or "", port, seconds, _context(hook.authority))
            line.use(connection)
            return self._exchange(connection, key, path, body, seconds)
        except (OSError, ValueError, http.client.HTTPException) as error:
            if connection is not None:
                connection.close()
            raise Unreached(f"failed to call webhook: {_why(error)}") from None

    def _exchange(
        self,
        connection: http.client.HTTPSConnection,
        key: tuple[str, bytes],
        path: str,
        body: bytes,
        seconds: float,
    ) -> bytes:
        connection.timeout = seconds
        if connection.sock is not None:
            connection.sock.settimeout(seconds)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        found = response.read(_MOST + 1)
        if len(found) > _MOST:
            connection.close()
            raise Unreached(f"failed to call webhook: its answer has more than {_MOST} bytes")
        if response.status != _OK:
            connection.close()
            raise Unreached(
                f"failed to call webhook: the server answered {response.status}",
                f" {response.reason}",
            )
        self._keep(key, connection)
        return found

    def _take(self, key: tuple[str, bytes]) -> http.client.HTTPSConnection | None:
        with self._lock:
            connections = self._idle.get(key)
            return connections.pop() if connections else None

    def _keep(self, key: tuple[str, bytes], connection: http.client.HTTPSConnection) -> None:
        with self._lock:
            connections = self._idle.setdefault(key, [])
            # A call that was under way when all was closed leaves nothing behind.
            is_kept = not self._is_closed and len(connections) < _IDLE
            if connection.sock is not None and is_kept:
                connections.append(connection)
                return
        connection.close()


class _Connection(http.client.HTTPSConnection):
    """One whose socket is at hand while TLS is agreed on, too."""

    def __init__(self, host: str, port: int, seconds: float, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=seconds, context=context)
        self._tls = context

    def connect(self) -> None:
        """See ``HTTPSConnection``."""
        http.client.HTTPConnection.connect(self)
        self.sock = found = self._tls.wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        found.do_handshake()


class _Line:
    """The connection that a call uses, to be cut off by another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: http.client.HTTPSConnection | None = None
        self._is_cut = False

    def use(self, connection: http.client.HTTPSConnection) -> None:
        """Go on with a connection. Raises ``TimeoutError`` when nobody waits any more."""
        with self._lock:
            if self._is_cut:
                raise TimeoutError
            self._connection = connection

    def cut(self) -> None:
        """End what the connection waits for."""
        with self._lock:
            self._is_cut = True
            found = self._connection.sock if self._connection is not None else None
            if found is not None:
                with contextlib.suppress(OSError):
                    # Below TLS, which belongs to the other thread.
                    socket.socket.shutdown(found, socket.SHUT_RDWR)


@functools.lru_cache(maxsize=64)
def _context(authority: bytes) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority.decode() if authority else None)


def _why(error: Exception) -> str:
    """Return what is wrong in words that tell nothing of this machine."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "TLS failed"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__

"""Fetches a manifest from the web and hands it to a StreamVisitor."""

from __future__ import annotations

import asyncio
import http
from functools import partial
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from protocube.errors import quote
from protocube.manifests.manifest_error import ManifestError
from protocube_client.connection import unreachable
from protocube_client.resource import blocking

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from urllib.error import HTTPError

    from protocube_client.resource.text.text_stream import Read
    from protocube_client.resource.visitor import VisitorFunc
    from protocube_client.resource.visitors.file import Streamed

    Response = HTTPResponse | HTTPError

_ATTEMPTS = 3
_PAUSE_SECONDS = 1.0
_TIMEOUT_SECONDS = 60.0
_CHUNK = 1024 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class UrlVisitor:
    """Visits the documents behind an ``http://`` or ``https://`` URL."""

    def __init__(self, url: str, streamed: Streamed, *, pause: float = _PAUSE_SECONDS) -> None:
        """Prepare a visit; ``pause`` is the time between two attempts, in seconds."""
        self._url = url
        self._streamed = streamed
        self._pause = pause

    async def visit(self, fn: VisitorFunc) -> None:
        """Fetch and read the manifest.

        Tries three times when the server cannot be reached or answers 5xx. Raises
        :class:`ManifestError` for an answer other than 200, and
        :class:`unreachable.CannotConnect` when there is no answer.
        """
        response = await self._fetch()
        with response:
            await self._streamed(_reader(response), self._url).visit(fn)

    async def _fetch(self) -> Response:
        failed: Exception | None = None
        for attempt in range(_ATTEMPTS):
            if attempt:
                await asyncio.sleep(self._pause)
            try:
                response = await blocking.run(partial(_get, self._url))
            except (OSError, HTTPException) as error:
                failed = self._unreachable(error)
                continue
            if response.status == http.HTTPStatus.OK:
                return response
            with response:
                failed = self._refused(response)
            if (response.status or 0) < http.HTTPStatus.INTERNAL_SERVER_ERROR:
                break
        assert failed is not None  # noqa: S101  # every attempt returns or sets it
        raise failed

    def _refused(self, response: Response) -> ManifestError:
        status = response.status
        message = (
            f"unable to read URL {quote(self._url)}, "
            f"server reported {status} {response.reason}, status code={status}"
        )
        return ManifestError(message)

    def _unreachable(self, error: Exception) -> unreachable.CannotConnect:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ConnectionRefusedError):
            return unreachable.refused(urlsplit(self._url).netloc)
        return unreachable.cannot_connect(str(reason))


def _get(url: str) -> Response:
    """Follow redirects and give the final response, whatever its status."""
    from urllib import error, request

    # Only the web: urllib's own opener also knows files and FTP.
    opener = request.OpenerDirector()
    handlers = [
        request.UnknownHandler(),
        request.HTTPDefaultErrorHandler(),
        request.HTTPRedirectHandler(),
        request.HTTPErrorProcessor(),
        request.HTTPHandler(),
        request.HTTPSHandler(),
    ]
    if urlsplit(url).hostname not in _LOOPBACK:
        handlers.append(request.ProxyHandler())
    for handler in handlers:
        opener.add_handler(handler)
    try:
        response: HTTPResponse = opener.open(url, timeout=_TIMEOUT_SECONDS)
    except error.HTTPError as refused:
        return refused
    return response


def _left(response: Response) -> int:
    """Return how many bytes of the body are announced and did not come."""
    length = getattr(response, "length", None)
    return length if isinstance(length, int) else 0


def _reader(response: Response) -> Read:
    """Return the body piece by piece. A body cut short is an error, not an end."""

    async def read() -> bytes:
        try:
            data: bytes = await blocking.run(partial(response.read, _CHUNK))
        except (OSError, HTTPException) as error:
            raise ManifestError(str(error)) from None
        if not data and _left(response):
            raise ManifestError("unexpected EOF")
        return data

    return read

"""``-v``: the calls of a run on standard error, as kubectl tells of its requests.

From level 6 on there is a line for each call, from 7 on its metadata, and from 8 on what is sent
and answered, as JSON: 1,024 characters of it, at 9 ten times as many, and above 9 all. Tokens,
and the values of Secrets, are masked at every level.
"""

from __future__ import annotations

import os
import time
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_client.connection.connection import Connection

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
    from typing import TextIO

    from protocube.catalog import Catalog
    from protocube_client.connection.connection import Answer

LEAST: Final = 6
"""The lowest level at which calls are told of."""
_METADATA: Final = 7
_BODIES: Final = 8
_LENGTHS: Final = {8: 1024, 9: 10_240}
"""How many characters of a body are shown; all of them at higher levels."""
_AUTHORIZATION: Final = "authorization"


class CallLog:
    """Writes of calls."""

    def __init__(self, stream: TextIO, level: int, *, catalog: Callable[[], Catalog]) -> None:
        """Write to ``stream``; ``catalog`` gives the kinds by which bodies are read."""
        self._stream = stream
        self._level = level
        self._catalog = catalog

    def begun(self, method: str, metadata: Iterable[tuple[str, str]]) -> None:
        """Tell of a call that is about to be sent."""
        if self._level < _METADATA:
            return
        self._line(f"{method} is called with this metadata:")
        for key, value in metadata:
            shown = "Bearer <masked>" if key == _AUTHORIZATION else value
            self._line(f"    {key}: {shown}")

    def sent(self, method: str, body: bytes) -> None:
        """Tell what a request says, of which a stream can have several."""
        self._body("Request", method, body, answer=False)

    def answered(self, method: str, body: bytes) -> None:
        """Tell what an answer says, of which a stream has several."""
        self._body("Response", method, body, answer=True)

    def ended(self, method: str, server: str, seconds: float, error: BaseException | None) -> None:
        """Tell how a call ended, and how long it took."""
        how = "OK"
        if isinstance(error, errors.ApiError):
            how = f"{error.kubectl_reason}: {error.message}"
        elif error is not None:
            how = "cancelled"
        self._line(f"{method} {server} {how} in {seconds * 1000:.0f} milliseconds")

    def _body(self, title: str, method: str, body: bytes, *, answer: bool) -> None:
        if self._level < _BODIES:
            return
        from protocube_client.cli import shown_bodies

        text = shown_bodies.text(method, body, self._catalog(), answer=answer)
        most = _LENGTHS.get(self._level, len(text))
        more = f" [truncated {len(text) - most} chars]" if len(text) > most else ""
        self._line(f"{title}: {text[:most]}{more}")

    def _line(self, text: str) -> None:
        """Write a line as klog does, whose readers look for its head."""
        now = datetime.now().astimezone()
        self._stream.write(f"I{now:%m%d %H:%M:%S.%f} {os.getpid():7} calls] {text}\n")
        self._stream.flush()


class LoggedConnection(Connection):
    """A connection whose calls are told of."""

    def __init__(self, *arguments: Any, log: CallLog, **options: Any) -> None:
        """Take what :class:`Connection` takes. Raises as it does."""
        super().__init__(*arguments, **options)
        self._log = log

    async def call(
        self,
        method: str,
        request: bytes,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # gRPC keeps the deadline itself
    ) -> Answer:
        """See :meth:`Connection.call`."""
        started = time.monotonic()
        self._log.begun(method, self._metadata())
        self._log.sent(method, request)
        failed: BaseException | None = None
        try:
            answer = await super().call(method, request, timeout=timeout)
        except BaseException as error:
            failed = error
            raise
        finally:
            self._log.ended(method, self.server, time.monotonic() - started, failed)
        self._log.answered(method, answer.body)
        return answer

    def stream(self, method: str, request: bytes) -> AsyncGenerator[bytes, None]:
        """See :meth:`Connection.stream`."""
        self._log.begun(method, self._metadata())
        self._log.sent(method, request)
        return self._told(method, super().stream(method, request))

    def converse(self, method: str, requests: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """See :meth:`Connection.converse`."""
        self._log.begun(method, self._metadata())

        async def told() -> AsyncGenerator[bytes, None]:
            async for request in requests:
                self._log.sent(method, request)
                yield request

        return self._told(method, super().converse(method, told()))

    async def _told(
        self, method: str, responses: AsyncGenerator[bytes, None]
    ) -> AsyncGenerator[bytes, None]:
        """Yield responses, and tell of each and of their end."""
        started = time.monotonic()
        failed: BaseException | None = None
        try:
            async with aclosing(responses):
                async for response in responses:
                    self._log.answered(method, response)
                    yield response
        except BaseException as error:
            failed = error
            raise
        finally:
            self._log.ended(method, self.server, time.monotonic() - started, failed)

"""One unary call: the method's path, the request's bytes, and how it is sent.

Every unary call of the library and of ``cubectl`` is a :class:`Request` that is sent here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from protocube import errors
from protocube_client import backoff
from protocube_client.connection import turn

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from protocube_client.connection.connection import Answer, Connection

ATTEMPTS = 10
"""So often a request is sent at most; client-go's number."""
LONGEST_WAIT_SECONDS = 60.0
"""So long the waits of one call are at most, all together."""


class Caller(Protocol):
    """The way to a server. ``protocube_client.connection.connection.Connection`` is one."""

    @property
    def timeout(self) -> float | None:
        """Seconds that a call may take unless it says otherwise, ``None`` for any time."""
        ...

    @property
    def patience(self) -> float:
        """Seconds that a call which can be repeated is sent again to a server that is away."""
        ...

    async def call(
        self,
        method: str,
        request: bytes,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # gRPC enforces it
    ) -> Answer:
        """Send ``request`` to ``method`` and return the answer.

        ``method`` is ``/protocube.core.v1.Pods/Create``, ``timeout`` is in seconds.
        Raises the exceptions of :mod:`protocube.errors`.
        """
        ...


class Detour:
    """The part of a :class:`Caller` that makes some of a connection's calls another way."""

    def __init__(self, connection: Connection) -> None:
        """Keep to the bounds of ``connection``."""
        self._connection = connection

    @property
    def timeout(self) -> float | None:
        """See :class:`Caller`."""
        return self._connection.timeout

    @property
    def patience(self) -> float:
        """See :class:`Caller`."""
        return self._connection.patience


class CallTrace(Protocol):
    """What ``--trace`` writes of a call. ``protocube_client.resource.trace.Trace`` is one."""

    def line(self, text: str) -> None:
        """Write a line."""
        ...

    def request(self, method: str, body: bytes) -> AbstractContextManager[Callable[[bytes], None]]:
        """Show a call; what the context gives is called with the answer's bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call that is ready to be sent."""

    method: str
    """The path of the method: ``/protocube.core.v1.Pods/Create``."""
    body: bytes
    is_repeatable: bool = False
    """Whether it may be sent again when nobody knows whether it was carried out."""

    async def send(
        self,
        caller: Caller,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # gRPC enforces it
        trace: CallTrace | None = None,
    ) -> Answer:
        """Send it through ``caller``. Raises the exceptions of :mod:`protocube.errors`.

        ``timeout`` is how many seconds the call may take with all its attempts, the
        caller's own when it is ``None``.

        A server that refuses with ``errors.TooManyRequests`` has written nothing, or
        deleted a part of a collection: the call can be repeated. When the server says
        how long to wait (``google.rpc.RetryInfo``), the call waits that long or up to a
        quarter longer, and is sent again. The refusal is raised when it names no delay,
        when it is the tenth, when all waits together would exceed a minute, or when the
        delay would not end within ``timeout``.

        A server that is away (it is restarted, say) is tried again for the caller's ``patience``,
        counted from the first failure, and within ``timeout``: by a repeatable call whatever
        became of it (``errors.Unavailable``, ``errors.OutcomeUnknown``), by another one
        when it has certainly not been begun.
        """
        if trace is None:
            return await self._repeat(caller, timeout, None)
        with trace.request(self.method, self.body) as answered:
            answer = await self._repeat(caller, timeout, trace)
            answered(answer.body)
        return answer

    async def _repeat(self, caller: Caller, limit: float | None, trace: CallTrace | None) -> Answer:
        limit = caller.timeout if limit is None else limit
        clock = asyncio.get_running_loop().time
        started = clock()
        left, waited = limit, 0.0
        refusals = failures = 0
        gives_up: float | None = None
        while True:
            try:
                return await caller.call(self.method, self.body, timeout=left)
            except errors.TooManyRequests as refusal:
                delay = backoff.requested(refusal)
                refusals += 1
                if delay is None or refusals == ATTEMPTS or waited + delay > LONGEST_WAIT_SECONDS:
                    raise
                failure: errors.ApiError = refusal
                waited += delay
            except errors.Unavailable as away:
                gives_up = clock() + caller.patience if gives_up is None else gives_up
                delay = backoff.doubling(failures)
                failures += 1
                may_repeat = self.is_repeatable or turn.is_not_begun(away)
                if not may_repeat or clock() + delay > gives_up:
                    raise
                failure = away
            if limit is not None:
                left = limit - (clock() - started) - delay
                if left <= 0:
                    raise failure
            if trace is not None:
                what = "away" if isinstance(failure, errors.Unavailable) else "refused"
                trace.line(f"{what}, again in {delay:.1f} s: {failure}")
            await backoff.wait(delay)

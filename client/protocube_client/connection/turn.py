"""To which of several servers a call goes, and to which one after that.

The servers of one store answer alike. A call that one of them cannot have begun goes to the
next; what may have been begun is never sent again here.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protocube import errors
from protocube_client.connection import unreachable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.connection.endpoint import Endpoint

_AWAY_SECONDS = 5.0
"""So long a server that could not be reached is tried last."""


class Turn:
    """The servers of a connection, and whose turn it is."""

    def __init__(self, endpoints: Sequence[Endpoint], server: str) -> None:
        self.endpoints = endpoints
        self.first = endpoints[0]
        self.server = server
        """All of them, as the user names them."""
        self.has_answered = False
        """Whether one of them ever did."""
        self._next = 0
        if len(endpoints) > 1:
            # Many programs that begin with the same list must not begin with the same server.
            import random

            self._next = random.randrange(len(endpoints))  # noqa: S311  # not for secrets

    def attempts(self, limit: float | None) -> Attempts:
        """Return the attempts of one call, which may take ``limit`` seconds with all of them."""
        if len(self.endpoints) == 1:
            return Attempts(self, self.endpoints, limit)
        start, self._next = self._next, (self._next + 1) % len(self.endpoints)
        ordered = [*self.endpoints[start:], *self.endpoints[:start]]
        now = asyncio.get_running_loop().time()
        # Sorting is stable: those that are there keep their turn.
        ordered.sort(key=lambda one: _is_away(one, now))
        return Attempts(self, ordered, limit)


class Attempts:
    """The attempts of one call: an iterator over the servers to try, until one has answered."""

    def __init__(self, turn: Turn, endpoints: Sequence[Endpoint], limit: float | None) -> None:
        self._turn = turn
        self._endpoints = endpoints
        self._tried = 0
        self._ends = asyncio.get_running_loop().time() + limit if limit is not None else None
        self._has_answered = False
        self._failures: list[errors.ApiError] = []

    def __iter__(self) -> Attempts:
        """Return itself."""
        return self

    def __next__(self) -> tuple[Endpoint, float | None]:
        """Return the next server to try, and the seconds that are left for it."""
        if self._tried == len(self._endpoints):
            raise StopIteration
        self._tried += 1
        left = None
        if self._ends is not None:
            left = self._ends - asyncio.get_running_loop().time()
            if left <= 0 and self._failures:
                raise StopIteration
        return self._endpoints[self._tried - 1], left

    def succeeded(self) -> None:
        """Take note that the server has answered."""
        self._has_answered = self._turn.has_answered = True
        self._endpoints[self._tried - 1].away_since = None

    def failed(self, error: errors.ApiError) -> None:
        """Go on with the next server after ``error``, or raise it if that must not be."""
        if not isinstance(error, unreachable.CannotConnect):
            self._turn.has_answered = True
        if self._has_answered or not is_not_begun(error):
            raise error from None
        self._endpoints[self._tried - 1].away_since = asyncio.get_running_loop().time()
        self._failures.append(error)

    @property
    def error(self) -> errors.ApiError:
        """What is raised when no server is left to try."""
        refused = unreachable.ConnectionRefused
        if len(self._failures) > 1 and all(isinstance(each, refused) for each in self._failures):
            return unreachable.refused(self._turn.server)
        # What one that is there says tells more than that others are not.
        said = [each for each in self._failures if not isinstance(each, refused)]
        return (said or self._failures)[-1]


def is_not_begun(error: errors.ApiError) -> bool:
    """Tell whether a server that failed like this has certainly not begun to do anything.

    It was not reached; or it says ``Unavailable`` and when to come back, which ours say
    only before a write is sent to the store (:class:`errors.OutcomeUnknown` after that).
    """
    if isinstance(error, unreachable.CannotConnect):
        return True
    is_refusal = isinstance(error, errors.Unavailable) and error.retry_after is not None
    return is_refusal and not isinstance(error, errors.OutcomeUnknown)


def _is_away(endpoint: Endpoint, now: float) -> bool:
    return endpoint.away_since is not None and now < endpoint.away_since + _AWAY_SECONDS

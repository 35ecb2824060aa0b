"""What a visitor is: something that walks Infos and hands each one to a function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from protocube_client.resource.info import Info

Landing = Callable[[], None]
"""The part of a visit that must happen in the order of the input, such as printing."""

VisitorFunc = Callable[[Info | None, Exception | None], Awaitable[Landing | None]]
"""Called once for every Info, or with the error that stood in its place.

Exactly one of the two is given. What it raises goes to the visitor that called it,
which decides whether the walk goes on. It may be called for one object before it has
returned for another; what it returns is called when those before have landed.
"""


class Abandoned(BaseException):
    """Ends a walk at once: the output was closed, so its outcomes cannot be told.

    It is no ``Exception``, because visitors take those for faults of an object and go on.
    """

    def __init__(self, reason: Exception) -> None:
        self.reason = reason


class Visitor(Protocol):
    """Walks Infos. A visitor that reads a stream can be visited once."""

    async def visit(self, fn: VisitorFunc) -> None:
        """Call ``fn`` for every Info. Raises what ended the walk, or all it collected."""
        ...

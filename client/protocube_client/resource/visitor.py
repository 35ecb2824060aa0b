"""What a visitor is: something that walks Infos and hands each one to a function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from protocube_client.resource.info import Info

VisitorFunc = Callable[[Info | None, Exception | None], Awaitable[None]]
"""Called once for every Info, or with the error that stood in its place.

Exactly one of the two is given. What it raises goes to the visitor that called it,
which decides whether the walk goes on.
"""


class Visitor(Protocol):
    """Walks Infos. A visitor that reads a stream can be visited once."""

    async def visit(self, fn: VisitorFunc) -> None:
        """Call ``fn`` for every Info. Raises what ended the walk, or all it collected."""
        ...

"""Settles something about every object before the command sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from protocube_client.resource.info import Info

if TYPE_CHECKING:
    from protocube_client.resource.visitor import Visitor, VisitorFunc

Decorator = Callable[[Info], Awaitable[None]]
"""Changes an Info in place, or raises what is wrong with it."""


class DecoratedVisitor:
    """Calls decorators in order before ``fn``; an error of one stands in the object's place."""

    def __init__(self, visitor: Visitor, decorators: Sequence[Decorator]) -> None:
        self._visitor = visitor
        self._decorators = tuple(decorators)

    async def visit(self, fn: VisitorFunc) -> None:
        """Visit all. Raises what ``fn`` and the inner visitor raise."""

        async def decorated(info: Info | None, error: Exception | None) -> None:
            if info is None or error is not None:
                await fn(None, error)
                return
            try:
                for decorate in self._decorators:
                    await decorate(info)
            except Exception as raised:  # noqa: BLE001  # handed on in place of the object
                await fn(None, raised)
                return
            await fn(info, None)

        await self._visitor.visit(decorated)

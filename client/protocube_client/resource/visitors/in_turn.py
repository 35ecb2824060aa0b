"""The outermost visitor of a walk that ends at the first error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_client.resource.info import Info
    from protocube_client.resource.visitor import Visitor, VisitorFunc


class InTurnVisitor:
    """Visits objects one by one and does what each visit leaves to be done in order."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    async def visit(self, fn: VisitorFunc) -> None:
        """Visit all. Raises what ``fn`` and the inner visitor raise."""

        async def landed(info: Info | None, error: Exception | None) -> None:
            landing = await fn(info, error)
            if landing is not None:
                landing()

        await self._visitor.visit(landed)

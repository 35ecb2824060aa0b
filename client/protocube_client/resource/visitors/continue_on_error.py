"""The outermost visitor: an error ends its object, not the walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_client.resource.aggregate import Aggregate

if TYPE_CHECKING:
    from protocube_client.resource.info import Info
    from protocube_client.resource.visitor import Visitor, VisitorFunc


class ContinueOnErrorVisitor:
    """Collects every error and raises them when all objects were visited."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    async def visit(self, fn: VisitorFunc) -> None:
        """Visit all. Raises the one error that happened, or an :class:`Aggregate`.

        Errors of ``fn`` and of objects come first, in order; what the inner visitor
        raised itself comes last.
        """
        errors: list[Exception] = []

        async def collect(info: Info | None, error: Exception | None) -> None:
            if error is not None:
                errors.append(error)
                return
            try:
                await fn(info, None)
            except Exception as raised:  # noqa: BLE001  # all of them are raised below
                errors.append(raised)

        try:
            await self._visitor.visit(collect)
        except Exception as raised:  # noqa: BLE001  # as above
            errors.append(raised)
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise Aggregate(errors)

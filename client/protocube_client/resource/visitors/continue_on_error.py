"""The outermost visitor: an error ends its object, not the walk."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from protocube_client.resource import flight
from protocube_client.resource.aggregate import Aggregate
from protocube_client.resource.flight import ONE_BY_ONE, Flight
from protocube_client.resource.info import Info, ListInfo

if TYPE_CHECKING:
    from protocube_client.resource.flight import Subject
    from protocube_client.resource.visitor import Visitor, VisitorFunc


class ContinueOnErrorVisitor:
    """Collects every error and raises them when all objects were visited."""

    def __init__(
        self,
        visitor: Visitor,
        *,
        parallel: int = ONE_BY_ONE,
        errors: list[Exception] | None = None,
    ) -> None:
        """Call the function for up to ``parallel`` objects at a time.

        Errors are collected in ``errors``. When the visit is interrupted, and so nothing
        is raised, the errors until then are there.
        """
        self._visitor = visitor
        self._parallel = parallel
        self._errors = [] if errors is None else errors

    async def visit(self, fn: VisitorFunc) -> None:
        """Visit all. Raises the one error that happened, or an :class:`Aggregate`.

        Errors of ``fn`` and of objects come first, in order; what the inner visitor
        raised itself comes last.
        """
        errors = self._errors
        own: Exception | None = None

        async with Flight(self._parallel, failed=errors.append) as under_way:

            async def collect(info: Info | None, error: Exception | None) -> None:
                if error is not None or info is None:
                    await under_way.fail(error or ValueError("neither an object nor an error"))
                else:
                    await under_way.begin(_subject(info), partial(fn, info, None))

            try:
                await self._visitor.visit(collect)
            except Exception as raised:  # noqa: BLE001  # raised below, behind the others
                own = raised
        if own is not None:
            errors.append(own)
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise Aggregate(errors)


def _subject(info: Info) -> Subject | None:
    if isinstance(info, ListInfo):
        return None
    return flight.subject(info.mapping, info.name, info.namespace)

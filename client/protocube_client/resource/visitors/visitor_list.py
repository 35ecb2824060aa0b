"""The sources of a walk, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_client.resource.aggregate import kept, raise_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.resource.info import Info
    from protocube_client.resource.visitor import Visitor, VisitorFunc


class VisitorList:
    """Visits every source until one fails."""

    def __init__(self, visitors: Sequence[Visitor]) -> None:
        self._visitors = tuple(visitors)

    async def visit(self, fn: VisitorFunc) -> None:
        """Visit the sources in order. Raises the first error."""

        async def stop(info: Info | None, error: Exception | None) -> None:
            if error is not None:
                raise error
            await fn(info, None)

        for visitor in self._visitors:
            await visitor.visit(stop)


class EagerVisitorList:
    """Visits every source, whatever failed before."""

    def __init__(self, visitors: Sequence[Visitor]) -> None:
        self._visitors = tuple(visitors)

    async def visit(self, fn: VisitorFunc) -> None:
        """Visit the sources in order. Raises all errors as one aggregate at the end.

        ``fn`` is called for objects only: the errors that stand in an object's place are
        collected here, like those that ``fn`` and the sources raise.
        """
        errors: list[Exception] = []

        async def collect(info: Info | None, error: Exception | None) -> None:
            if error is not None:
                errors.append(kept(error))
                return
            try:
                await fn(info, None)
            except Exception as raised:  # noqa: BLE001  # all of them are raised below
                errors.append(kept(raised))

        for visitor in self._visitors:
            try:
                await visitor.visit(collect)
            except Exception as raised:  # noqa: BLE001  # as above
                errors.append(kept(raised))
        raise_all(errors)

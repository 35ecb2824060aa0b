"""What a Builder gives: a walk that is ready, or the reasons why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_client.resource.trace import station

if TYPE_CHECKING:
    from protocube_client.resource.info import Info
    from protocube_client.resource.trace import Trace
    from protocube_client.resource.visitor import Visitor, VisitorFunc


class Result:
    """A walk over Infos. It can be walked once, because streams can be read only once."""

    def __init__(
        self,
        *,
        visitor: Visitor | None = None,
        error: Exception | None = None,
        trace: Trace | None = None,
        files: tuple[str, ...] | None = None,
    ) -> None:
        """Return either ``visitor`` or the ``error`` of the builder."""
        self._visitor = visitor
        self.files = files
        """The files that will be read; ``None`` when there are other sources among them."""
        self.error = error
        """Why nothing can be visited, ``None`` when it can."""
        self._trace = trace

    async def visit(self, fn: VisitorFunc) -> None:
        """Call ``fn`` for every Info. Raises the builder's errors, or what the walk raises."""
        if self.error is not None:
            raise self.error
        if self._visitor is None:
            return
        with station(self._trace, "Result.visit(fn)"):
            if self._trace is not None:
                from protocube_client.resource.traced import traced_function

                fn = traced_function(fn, self._trace)
            await self._visitor.visit(fn)

    async def infos(self) -> list[Info]:
        """Return all Infos. Raises what :meth:`visit` raises; then none are given."""
        found: list[Info] = []

        async def collect(info: Info | None, error: Exception | None) -> None:
            if error is not None:
                raise error
            if info is not None:
                found.append(info)

        await self.visit(collect)
        return found

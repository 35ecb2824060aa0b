"""Leaves out the objects that a selector does not match: ``-l``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from protocube.manifests import names
from protocube_client.resource.info import Info

if TYPE_CHECKING:
    from protocube.selectors import Selector
    from protocube_client.resource.visitor import Visitor, VisitorFunc

Filter = Callable[[Info], bool]
"""Tells whether an object is to be visited."""


class FilteredVisitor:
    """Visits the objects that pass a filter and skips the others without a word."""

    def __init__(self, visitor: Visitor, passes: Filter) -> None:
        self._visitor = visitor
        self._passes = passes

    async def visit(self, fn: VisitorFunc) -> None:
        """Visit what passes. Raises what ``fn`` and the inner visitor raise."""

        async def filtered(info: Info | None, error: Exception | None) -> None:
            if info is None or self._passes(info):
                await fn(info, error)

        await self._visitor.visit(filtered)


def by_labels(selector: Selector) -> Filter:
    """Return a filter for objects whose labels, as written, match ``selector``."""
    return lambda info: selector.matches(names.labels(info.manifest))

"""Opens lists: their items take the place of the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube.manifests.manifest_error import ManifestError
from protocube_client.resource.aggregate import kept, raise_all
from protocube_client.resource.info import Info, ListInfo

if TYPE_CHECKING:
    from protocube_client.resource.mapper import Mapper
    from protocube_client.resource.visitor import Visitor, VisitorFunc


class FlattenListVisitor:
    """Visits the items of a List or ``<Kind>List`` as objects of their own."""

    def __init__(self, visitor: Visitor, mapper: Mapper) -> None:
        self._visitor = visitor
        self._mapper = mapper

    async def visit(self, fn: VisitorFunc) -> None:
        """Visit all. Raises into the inner visitor what went wrong with a list's items.

        A list within a list fails the outer one as a whole; other faults of items leave
        their neighbours alone.
        """

        async def flattened(info: Info | None, error: Exception | None) -> None:
            if isinstance(info, ListInfo):
                await self._items(info, fn)
            else:
                await fn(info, error)

        await self._visitor.visit(flattened)

    async def _items(self, parent: ListInfo, fn: VisitorFunc) -> None:
        if any(isinstance(item.get("items"), list) for item in parent.items):
            message = "*unstructured.Unstructured is not a list: no Items field in this object"
            raise ManifestError(message, line=parent.line)
        errors: list[Exception] = []
        for item in parent.items:
            await self._mapper.know(item)
            try:
                await fn(self._mapper.info_for_item(item, parent), None)
            except Exception as raised:  # noqa: BLE001  # raised together below
                errors.append(kept(raised))
        raise_all(errors)

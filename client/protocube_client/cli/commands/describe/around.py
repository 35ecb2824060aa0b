"""What a page asks the server beside the object itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_client.cli import event_rows

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.cli.session import Session


class Around:
    """Reads other objects."""

    def __init__(self, session: Session, *, chunk_size: int) -> None:
        self._session = session
        self._page_size = max(chunk_size, 0)
        self._unread: set[str] = set()

    async def all_of(
        self, kind: str, namespace: str, *, labels: str = "", fields: str = ""
    ) -> list[Any]:
        """Return the objects of a kind in a namespace.

        None of a kind that cannot be read: the page says what it can without them, and a warning
        what it could not.
        """
        resource = self._session.catalog.find(kind)
        if resource is None:
            return []
        return await self._read(resource, namespace, labels=labels, fields=fields)

    async def find(self, kind: str, name: str, namespace: str) -> Any:
        """Return an object. Raises the exceptions of :mod:`protocube.errors`."""
        return await self._session.client.get(kind, name, namespace=namespace)

    async def events(self, resource: Resource, metadata: Any) -> list[Any]:
        """Return the events about an object, as :meth:`all_of` does."""
        kind = event_rows.resource(self._session.kinds)
        about = {"name": metadata.name, "namespace": metadata.namespace, "kind": resource.kind}
        about["uid"] = metadata.uid
        fields = ",".join(f"involvedObject.{key}={about[key]}" for key in about)
        return await self._read(kind, metadata.namespace, fields=fields)

    async def _read(
        self, resource: Resource, namespace: str, *, labels: str = "", fields: str = ""
    ) -> list[Any]:
        try:
            found = await self._session.client.list(
                resource.message_class,
                namespace=namespace,
                label_selector=labels,
                field_selector=fields,
                page_size=self._page_size,
            )
        except errors.ApiError as error:
            if resource.qualified not in self._unread:
                self._unread.add(resource.qualified)
                self._session.streams.note(
                    f"{resource.qualified} cannot be read, and are missing below: {error}"
                )
            return []
        return [*found]

"""What happens to one object of the server, for commands that wait for something."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_client.watching import EventType

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_client.client import Client
    from protocube_client.watching import WatchEvent


def events(
    client: Client, resource: Resource, name: str, namespace: str, *, after: str = ""
) -> AsyncGenerator[WatchEvent[Message], None]:
    """Yield what happens to the objects of a name ``after`` a version; else their state first.

    Raises ``errors.Expired`` when what happened since is forgotten.
    """
    return client.watch(
        resource.message_class,
        namespace=namespace,
        field_selector=f"metadata.name={name}",
        resource_version=after,
    )


async def of_name(
    client: Client, resource: Resource, name: str, namespace: str, *, after: str = ""
) -> AsyncGenerator[WatchEvent[Message], None]:
    """Yield what happens to the objects of a name, as :func:`events` does, without an end.

    When what happened since is forgotten, it goes on with the state of the object, if there is
    one.
    """
    while True:
        try:
            async with aclosing(events(client, resource, name, namespace, after=after)) as found:
                async for event in found:
                    yield event
        except errors.Expired:
            after = ""


async def until_deleted(
    client: Client, resource: Resource, message: Any
) -> AsyncGenerator[Any, None]:
    """Yield an object that was read as ``message``, and again after each change.

    It ends when this very object is no more; a new one of its name does not count.
    """
    found = message
    while found is not None:
        yield found
        metadata = found.metadata
        changes = events(
            client,
            resource,
            metadata.name,
            metadata.namespace,
            after=metadata.resource_version,
        )
        try:
            async with aclosing(changes):
                async for event in changes:
                    if event.type is EventType.DELETED:
                        return
                    yield event.object
        except errors.Expired:
            found = await current(client, resource, message)


async def current(client: Client, resource: Resource, message: Any) -> Any:
    """Return the object that was read as ``message`` as it is now; ``None`` when it is no more.

    A new object of its name is another one.
    """
    metadata = message.metadata
    try:
        found: Any = await client.get(
            resource.message_class, metadata.name, namespace=metadata.namespace
        )
    except errors.NotFound:
        return None
    return found if found.metadata.uid == metadata.uid else None

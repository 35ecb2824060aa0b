"""Asks before a kind goes with all of its objects, where there is somebody to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube_client.cli.commands.delete import confirmation

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.cli.session import Session

_DEFINITIONS: Final = frozenset(
    {
        "protocube.definitions.v1.Definition",
        "protocube.apiextensions.v1.CustomResourceDefinition",
    }
)
"""The messages of kinds whose objects define kinds."""


async def may_go(session: Session, resource: Resource, name: str) -> bool:
    """Tell whether an object may be deleted.

    On a terminal it is told how many objects a definition takes along, and asked.
    """
    if resource.message not in _DEFINITIONS or not session.streams.stdin.isatty():
        return True
    from protocube_client.client import Client

    told: list[str] = []
    client = Client(session.connection, catalog=session.catalog, on_warning=told.append)
    try:
        await client.delete(resource.message_class, name, dry_run=True)
    except errors.ApiError:
        return True  # The deletion itself says why it cannot be.
    if not told:
        return True
    session.streams.out.writelines(f"{text}\n" for text in told)
    return await confirmation.asked(session.streams)

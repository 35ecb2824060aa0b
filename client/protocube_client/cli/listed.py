"""The objects of a kind that selectors choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from protocube import errors
from protocube_client.resource.source_errors import add_selection_to_error

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_client.cli.session import Session
    from protocube_client.listing import Listing
    from protocube_client.options import PagedSelection


async def objects(
    resource: Resource, session: Session, **selection: Unpack[PagedSelection]
) -> Listing[Message]:
    """Return the objects of a kind.

    Raises the exceptions of :mod:`protocube.errors`; they say what was looked for where the
    server found fault with it.
    """
    try:
        return await session.client.list(resource.message_class, **selection)
    except errors.ApiError as error:
        raise add_selection_to_error(
            resource,
            labels=selection.get("label_selector", ""),
            fields=selection.get("field_selector", ""),
            error=error,
        ) from None

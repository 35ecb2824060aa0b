"""Writes the annotation that keeps the last configuration, and nothing else of an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.manifests import json_text
from protocube.patching import differences
from protocube_client.cli import last_applied

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_client.cli.session import Session
    from protocube_client.options import NamedWriteOptions


def configuration(message: Message) -> dict[str, Any] | None:
    """Return the configuration in an object's annotation, ``None`` when it has none.

    Raises ``errors.BadRequest`` when the annotation says no object.
    """
    text = last_applied.of(message)
    return None if text is None else last_applied.parsed(text)


def is_kept(message: Message, manifest: dict[str, Any]) -> bool:
    """Tell whether the annotation of an object says what a manifest says.

    One that cannot be read does not, so that it can be written anew.
    """
    try:
        return differences.equal(configuration(message), manifest)
    except errors.ApiError:
        return False


async def write(
    session: Session,
    resource: Resource,
    name: str,
    manifest: dict[str, Any],
    options: NamedWriteOptions,
) -> Message:
    """Let the annotation of the object ``name`` say what a manifest says; return the object.

    Raises the exceptions of :mod:`protocube.errors`.
    """
    return await session.client.patch(
        resource.message_class,
        name,
        {"metadata": {"annotations": {last_applied.ANNOTATION: json_text.compact(manifest)}}},
        type="merge",
        **options,
    )

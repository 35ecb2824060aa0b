"""The annotation in which kubectl keeps a configuration as it was given.

``apply`` compares with it what it is to apply next; ``--save-config`` writes it, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.manifests import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.message import Message

    from protocube_client.resource.info import Info

ANNOTATION: Final = "kubectl.kubernetes.io/last-applied-configuration"
_NO_OBJECT: Final = "invalid JSON document"


def plain(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest without the annotation, and with annotations though there be none."""
    metadata = manifest.get("metadata") or {}
    annotations = metadata.get("annotations") or {}
    kept = {key: value for key, value in annotations.items() if key != ANNOTATION}
    return {**manifest, "metadata": {**metadata, "annotations": kept}}


def configuration(manifest: Mapping[str, Any]) -> str:
    """Return what the annotation of an object says that was given as a manifest."""
    return json_text.compact(plain(manifest)) + "\n"


def annotated(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest with itself in its annotation."""
    found = plain(manifest)
    found["metadata"]["annotations"][ANNOTATION] = configuration(manifest)
    return found


def of(message: Message) -> str | None:
    """Return the configuration in an object's annotation, ``None`` when it has none."""
    typed: Any = message
    annotations = typed.metadata.annotations
    return str(annotations[ANNOTATION]) if ANNOTATION in annotations else None


def parsed(text: str) -> dict[str, Any]:
    """Return the object that the text of the annotation says; an empty one for ``null``.

    Raises ``errors.BadRequest`` in kubectl's words when it says no object.
    """
    from protocube.patching import patch_text

    try:
        found = patch_text.parse(text).plain
    except errors.BadRequest:
        found = text
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise errors.BadRequest(_NO_OBJECT)
    return found


def keep(info: Info) -> None:
    """Keep the object as it was given in its annotation."""
    info.set_annotation(ANNOTATION, configuration(info.manifest))

"""Reading names out of a manifest before it is typed, as kubectl's accessors do.

A value of the wrong type reads as absent here; the decoder reports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def text(manifest: Mapping[str, Any], key: str) -> str:
    """Return a top-level text, ``""`` when it is missing."""
    value = manifest.get(key)
    return value if isinstance(value, str) else ""


def metadata_text(manifest: Mapping[str, Any], key: str) -> str:
    """Return a text of ``metadata``, ``""`` when it is missing."""
    metadata = manifest.get("metadata")
    return text(metadata, key) if isinstance(metadata, dict) else ""


def kind(manifest: Mapping[str, Any]) -> str:
    """Return the kind; ``""`` also when the apiVersion is no ``[group/]version``."""
    return text(manifest, "kind") if text(manifest, "apiVersion").count("/") <= 1 else ""


def labels(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the labels; none when one of them is no text, as apimachinery reads them."""
    metadata = manifest.get("metadata")
    found = metadata.get("labels") if isinstance(metadata, dict) else None
    if not isinstance(found, dict) or not all(isinstance(item, str) for item in found.values()):
        return {}
    return found

"""Secrets in a comparison: whether a value changes is shown, and not what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.manifests import json_text
from protocube.patching import patch_text
from protocube_client.cli import last_applied

if TYPE_CHECKING:
    from collections.abc import Mapping

    Manifest = dict[str, Any]

_MASK: Final = "***"
_BEFORE, _AFTER = f"{_MASK} (before)", f"{_MASK} (after)"
_FIELDS = ("data", "stringData")


def masked(
    live: Manifest | None, merged: Manifest | None
) -> tuple[Manifest | None, Manifest | None]:
    """Return two versions of a Secret without its values.

    The configuration in its annotation has them, too.
    """
    before, after = _without_values(live or {}, merged or {})
    one, other = _configuration(before), _configuration(after)
    texts = [json_text.compact(part) + "\n" for part in _without_values(one, other)]
    return (
        None if live is None else _with_configuration(before, texts[0]),
        None if merged is None else _with_configuration(after, texts[1]),
    )


def _without_values(one: Manifest, other: Manifest) -> tuple[Manifest, Manifest]:
    before, after = {**one}, {**other}
    for field in _FIELDS:
        old, new = one.get(field), other.get(field)
        if isinstance(old, dict):
            before[field] = _values(old, new, _BEFORE)
        if isinstance(new, dict):
            after[field] = _values(new, old, _AFTER)
    return before, after


def _values(values: Mapping[str, Any], others: Any, changed: str) -> dict[str, str]:
    known = others if isinstance(others, dict) else {}
    return {
        key: changed if key in known and known[key] != value else _MASK
        for key, value in values.items()
    }


def _configuration(manifest: Manifest) -> Manifest:
    text = _annotations(manifest).get(last_applied.ANNOTATION)
    if text is None:
        return {}
    try:
        found = patch_text.parse(text).plain
    except errors.ApiError:
        found = None
    return found if isinstance(found, dict) else {}


def _with_configuration(manifest: Manifest, text: str) -> Manifest:
    annotations = _annotations(manifest)
    if last_applied.ANNOTATION not in annotations:
        return manifest
    annotations = {**annotations, last_applied.ANNOTATION: text}
    return {**manifest, "metadata": {**manifest["metadata"], "annotations": annotations}}


def _annotations(manifest: Manifest) -> dict[str, str]:
    metadata = manifest.get("metadata") or {}
    found: dict[str, str] = metadata.get("annotations") or {}
    return found

"""JSON merge patch (RFC 7386), as Kubernetes applies it.

Beyond the RFC, objects within lists lose their null members too, unless the list replaces an
object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.patching import cleaning, patch_text
from protocube.steps import finished

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube.patching.patch_text import ObjectPatch
    from protocube.steps import Steps

_FAULT: Final = "error decoding patch: "


def read(text: str) -> ObjectPatch:
    """Return the patch that ``text`` says. Raises ``BadRequest`` when it is no object."""
    parsed = patch_text.parse(text, fault=_FAULT, written=True)
    if parsed.value is None:
        raise errors.BadRequest("Invalid JSON Patch")
    return patch_text.object_patch(
        parsed.plain, parsed.repeated, called="a merge patch", fault=_FAULT
    )


def apply(document: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return what :func:`steps` returns, at once."""
    return finished(steps(document, patch))


def steps(document: Mapping[str, Any], patch: Mapping[str, Any]) -> Steps[dict[str, Any]]:
    """Return the document with what the patch sets, without what it sets to null."""
    merged = dict(document)
    for name, value in patch.items():
        yield
        stored = merged.get(name)
        if value is None:
            merged.pop(name, None)
        elif not isinstance(stored, dict):
            merged[name] = yield from cleaning.without_nulls(value)
        elif isinstance(value, dict):
            merged[name] = yield from steps(stored, value)
        else:
            merged[name] = value
    return merged

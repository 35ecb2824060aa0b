"""What of a manifest is not in the object that was read back.

The server may add: defaults, identity, status. It may not lose or change. Forms that
mean the same are the same: a quantity in its canonical form and as a number or any text, an
empty list and none, ``stringData`` and ``data``.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any

from protocube.manifests import quantities

if TYPE_CHECKING:
    from collections.abc import Iterator

_SYSTEM = {
    "metadata.uid",
    "metadata.resourceVersion",
    "metadata.creationTimestamp",
    "metadata.generation",
    "metadata.selfLink",
    "metadata.managedFields",
    "metadata.deletionTimestamp",
}
"""Fields that the server sets whatever a manifest says."""


def differences(given: dict[str, Any], stored: dict[str, Any], *, has_status: bool) -> list[str]:
    """Return a line for everything in ``given`` that ``stored`` lacks or has otherwise."""
    expected = dict(given)
    if has_status:
        expected.pop("status", None)
    texts = expected.pop("stringData", None)
    if texts:
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
        expected["data"] = {**(expected.get("data") or {}), **encoded}
    return list(_walk(expected, stored, ""))


def _walk(given: Any, stored: Any, path: str) -> Iterator[str]:
    if path in _SYSTEM or _nothing(given):
        return
    if isinstance(given, dict) and isinstance(stored, dict):
        for key, value in given.items():
            yield from _walk(value, stored.get(key), f"{path}.{key}" if path else key)
    elif isinstance(given, list) and isinstance(stored, list) and len(given) == len(stored):
        for index, (one, other) in enumerate(zip(given, stored, strict=True)):
            yield from _walk(one, other, f"{path}[{index}]")
    elif not _same(given, stored):
        yield f"{path}: {given!r} became {stored!r}"


def _nothing(value: Any) -> bool:
    """Tell whether a value means the same as none: proto3 does not keep it."""
    if isinstance(value, dict):
        return all(_nothing(item) for item in value.values())
    return value is None or value in ("", [], 0, False)


def _same(given: Any, stored: Any) -> bool:
    if given == stored or str(given) == str(stored):
        return True
    if isinstance(stored, str) and quantities.canonical(str(given)) == stored:
        return True
    if isinstance(given, str) and isinstance(stored, str):
        if "".join(given.split()) == stored:
            return True  # base64 over several lines
        try:
            return datetime.fromisoformat(given) == datetime.fromisoformat(stored)
        except ValueError:
            return False
    return False

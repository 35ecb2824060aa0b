"""The scale of a custom kind: whether it has one, and what its numbers may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube_server.definitions.crd import defining, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from protocube.errors import Violation
    from protocube_server.definitions.crd.schema import Schema

NO_SELECTOR: Final = "-"
"""As the path of a selector: the kind has none."""
_MOST: Final = 2**31 - 1


_WANTED: Final = {
    "specReplicasPath": "integer",
    "statusReplicasPath": "integer",
    "labelSelectorPath": "string",
}
"""The types of the fields that a scale is made of."""


def of(version: Mapping[str, Any], schema: Schema) -> Mapping[str, Any] | None:
    """Return the scale of a version; ``None`` where the schema has not what it needs."""
    scale: Mapping[str, Any] | None = (version.get("subresources") or {}).get("scale")
    return None if scale is None or wrong(version, schema) else scale


def wrong(version: Mapping[str, Any], schema: Schema) -> str:
    """Say why a version has no scale though it asks for one; nothing where it has what it asks."""
    scale = (version.get("subresources") or {}).get("scale") or {}
    for name, wanted in _WANTED.items():
        path = scale.get(name)
        part = defining.typed(schema, path) if path else None
        if path and (part is None or part.type != wanted):
            return f"{path} is no {wanted} of the schema"
    return ""


def faults(paths: Iterable[str], data: Mapping[str, Any]) -> Iterator[Violation]:
    """Yield what is wrong with numbers of replicas, at their paths."""
    for path in paths:
        value: Any = data
        for step in path.removeprefix(".").split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if not isinstance(value, int):
            continue
        if value < 0:
            yield texts.invalid(path, value, "should be a non-negative integer")
        elif value > _MOST:
            yield texts.invalid(path, value, f"should be less than or equal to {_MOST}")

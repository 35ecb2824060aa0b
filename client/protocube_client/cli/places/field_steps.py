"""From a field's path, as errors name it, to the keys and positions that lead to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from protocube_client.cli.places.positions import Step

_INDEX = re.compile(r"\[([0-9]+)\]")


def of(path: str, manifest: Any) -> list[Step]:
    """Return the steps of ``path`` (``spec.containers[0].image``, ``data[a b]``) in a manifest.

    Keys may hold dots: those that are there decide. The last step may be to a field that
    is missing.
    """
    steps: list[Step] = []
    rest, value = path, manifest
    while rest:
        rest = rest.removeprefix(".")
        if isinstance(value, list):
            found = _INDEX.match(rest)
            if found is None or int(found[1]) >= len(value):
                break
            steps.append(int(found[1]))
            value, rest = value[int(found[1])], rest[found.end() :]
        elif isinstance(value, dict):
            key = _key(rest, value)
            if key is None:
                steps.append(re.split(r"[.\[]", rest, maxsplit=1)[0])
                break
            steps.append(key)
            bracketed = rest.startswith(f"[{key}]")
            value, rest = value[key], rest[len(key) + 2 * bracketed :]
        else:
            break
    return steps


def of_item(text: str, manifest: dict[str, Any]) -> list[Step]:
    """Return the steps from a document to ``manifest``: to its place, if that is in a List."""
    from protocube.manifests import names
    from protocube.manifests.manifest_error import ManifestError
    from protocube.manifests.yaml import values as yaml_values

    try:
        document = yaml_values.load(text)
    except ManifestError:
        return []
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        return []

    def name(item: Any) -> tuple[str, str]:
        return (names.text(item, "kind"), names.metadata_text(item, "name"))

    for index, item in enumerate(items):
        if isinstance(item, dict) and name(item) == name(manifest):
            return ["items", index]
    return []


def _key(rest: str, value: dict[str, Any]) -> str | None:
    """Return the longest key of ``value`` that ``rest`` begins with."""
    for key in sorted(value, key=len, reverse=True):
        if rest.startswith(f"[{key}]"):
            return key
        if rest.startswith(key) and rest[len(key) : len(key) + 1] in ("", ".", "["):
            return key
    return None

"""``did you mean``: for kinds and fields that there are not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube.errors import quote
from protocube_client.cli.places import spelling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.resource.info import Info

_STEP = re.compile(r"\[[0-9]+\]|[^.\[]+")


def for_word(word: str) -> str:
    """Give a hint for a kind as it is typed on the command line."""
    from protocube.catalog import Catalog

    plurals = {
        name: resource.plural
        for resource in Catalog.shipped(comments=False).resources
        for name in (resource.plural, resource.singular)
    }
    near = spelling.closest(word, plurals)
    return _meant(list(dict.fromkeys(plurals[name] for name in near)))


def for_kind(api_version: str, kind: str) -> str:
    """Give a hint for a kind of a manifest: its name, or else its version."""
    from protocube.catalog import Catalog

    resources = Catalog.shipped(comments=False).resources
    versions = [item.api_version for item in resources if item.kind == kind]
    if versions:
        return _meant([f"apiVersion: {version}" for version in versions])
    kinds = [item.kind for item in resources if item.api_version == api_version]
    others = [item.kind for item in resources]
    return _meant(spelling.closest(kind, kinds) or spelling.closest(kind, others))


def for_field(path: str, info: Info) -> str:
    """Give a hint for a field of ``info`` that its kind does not have."""
    *parents, name = _STEP.findall(path)
    descriptor: Any = info.mapping.descriptor
    for step in parents:
        if step.startswith("["):
            continue
        field = next((item for item in descriptor.fields if item.json_name == step), None)
        if field is None or field.message_type is None:
            return ""
        descriptor = field.message_type
    return _meant(spelling.closest(name, [field.json_name for field in descriptor.fields]))


def _meant(words: Sequence[str]) -> str:
    return f"did you mean {' or '.join(map(quote, words))}?" if words else ""

"""``did you mean``: for kinds and fields that there are not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube.errors import quote
from protocube_client.cli.places import spelling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube.catalog import Catalog
    from protocube_client.resource.info import Info

_STEP = re.compile(r"\[[0-9]+\]|[^.\[]+")


def for_word(word: str, catalog: Catalog) -> str:
    """Return a hint for a kind as it is typed on the command line."""
    plurals = {
        name: resource.plural
        for resource in catalog.resources
        for name in (resource.plural, resource.singular)
    }
    near = spelling.closest(word, plurals)
    return _meant(list(dict.fromkeys(plurals[name] for name in near)))


def for_kind(api_version: str, kind: str, catalog: Catalog) -> str:
    """Return a hint for a kind of a manifest: its name, or else its version.

    There is none for a group that has nothing to do with the kinds in ``catalog``: what is
    called the same there is another product's.
    """
    resources = catalog.resources
    versions = [item.api_version for item in resources if item.kind == kind]
    if versions:
        near = spelling.closest(api_version, versions)
        moved = catalog.moved_to(api_version, kind)
        is_ours = api_version.rpartition("/")[0] in {item.group for item in resources}
        return _meant(
            [f"apiVersion: {version}" for version in near or moved or (versions if is_ours else ())]
        )
    kinds = [item.kind for item in resources if item.api_version == api_version]
    others = [item.kind for item in resources]
    return _meant(spelling.closest(kind, kinds) or spelling.closest(kind, others))


def for_field(path: str, info: Info) -> str:
    """Return a hint for a field of ``info`` that its kind does not have."""
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

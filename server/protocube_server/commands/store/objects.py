"""All objects of a store at one revision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from protocube_server.storage import paging

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from contextlib import AbstractContextManager

    from protocube.catalog import Catalog
    from protocube_server.storage.base import Page
    from protocube_server.storage.url import OpenedStore

_PAGE = 200

Bar = Callable[[str, int], "AbstractContextManager[Any]"]
"""Makes a progress bar of a label and a length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a store holds."""

    count: int
    size: int
    revision: int
    damaged: tuple[str, ...]


def pages(opened: OpenedStore) -> AsyncGenerator[Page, None]:
    """Give the pages of all objects, all of one revision; there is one at least.

    What else is below the prefix (the key by which servers agree on compaction) lies
    beside the objects, directly below it, and comes along.
    """
    return paging.pages(opened.store, f"{opened.prefix}/".encode(), limit=_PAGE)


def name_of(opened: OpenedStore, key: bytes) -> str | None:
    """Give a key without the store's prefix; ``None`` when it is no object's."""
    name = key.decode(errors="backslashreplace").removeprefix(f"{opened.prefix}/")
    return name if "/" in name else None


async def decode_all(opened: OpenedStore, catalog: Catalog, bar: Bar) -> Found:
    """Decode every object, and name those that cannot be."""
    kinds = {resource.qualified: resource for resource in catalog.resources}
    count = size = revision = 0
    damaged: list[str] = []
    total = (await opened.store.list(f"{opened.prefix}/".encode(), limit=1)).count
    with bar("checking", total) as shown:
        async for page in pages(opened):
            revision = page.revision
            shown.update(len(page.records))
            for record in page.records:
                name = name_of(opened, record.key)
                if name is None:
                    continue
                count += 1
                size += len(record.value)
                resource = kinds.get(name.partition("/")[0])
                if resource is None:
                    damaged.append(f"{name} is of no kind that this program knows")
                    continue
                try:
                    resource.message_class.FromString(record.value)
                except DecodeError:
                    damaged.append(f"{name} is not a {resource.message}")
    return Found(count=count, size=size, revision=revision, damaged=tuple(damaged))

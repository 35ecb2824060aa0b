"""A server on each store, for calls with a request id."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube_server.storage import keys

if TYPE_CHECKING:
    from protocube_server.storage.base import Store
    from protocube_server.verbs.api import Api
    from tests.server.caller import Caller

USED = "^request id was used for another request$"
RECORDS = keys.system("/registry", keys.Area.REQUESTS) + b"/"


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running server: over the wire, and from inside."""

    caller: Caller
    api: Api

    @property
    def store(self) -> Store:
        """The server's store."""
        return self.api.store

    async def make(self, name: str = "a", **fields: Any) -> Any:
        """Create a ConfigMap without an id."""
        return await self.caller.create(self.caller.make("cm", name, **fields))

    async def outcomes(self, *calls: Any) -> list[Any]:
        """Make calls at once and return what each gave, all of them answers."""
        return list(await asyncio.gather(*calls))


def read_at(item: Any) -> dict[str, str]:
    """Return the metadata of an update that is based on ``item``."""
    return {"resourceVersion": item.metadata.resource_version}


def labelled(item: Any, label: str) -> Any:
    """Return a copy of an object with one more label."""
    changed = type(item)()
    changed.CopyFrom(item)
    changed.metadata.labels[label] = "v"
    return changed

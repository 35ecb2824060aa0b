"""Objects that own others, on a server, and what becomes of them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.meta.v1 import requests_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.server.caller import Caller

HOLD = "example.com/hold"
BACKGROUND = requests_pb2.PROPAGATION_POLICY_BACKGROUND
FOREGROUND = requests_pb2.PROPAGATION_POLICY_FOREGROUND
ORPHAN = requests_pb2.PROPAGATION_POLICY_ORPHAN
_SECONDS = 60.0


def reference(owner: Any, *, blocks: bool | None = None) -> dict[str, Any]:
    """Return an owner reference in its JSON form."""
    found = {
        "apiVersion": owner.api_version,
        "kind": owner.kind,
        "name": owner.metadata.name,
        "uid": owner.metadata.uid,
    }
    return found if blocks is None else {**found, "blockOwnerDeletion": blocks}


@dataclass(frozen=True, slots=True)
class Owned:
    """Calls of a server, most of them about ConfigMaps."""

    api: Caller

    async def make(
        self, name: str, *owners: Any, blocks: bool | None = None, word: str = "cm", **fields: Any
    ) -> Any:
        """Create an object with these owners, each an object or a reference."""
        listed = [
            item if isinstance(item, dict) else reference(item, blocks=blocks) for item in owners
        ]
        metadata = {"ownerReferences": listed, **fields.pop("metadata", {})}
        return await self.api.create(self.api.make(word, name, metadata=metadata, **fields))

    async def delete(self, name: str, policy: Any = BACKGROUND, *, word: str = "cm") -> Any:
        """Delete an object."""
        return await self.api.delete(word, name, propagation_policy=policy)

    async def change(self, name: str, change: Callable[[Any], None], *, word: str = "cm") -> Any:
        """Change an object, again when somebody else has changed it meanwhile."""
        while True:
            found = await self.api.get(word, name)
            change(found)
            try:
                return await self.api.update(found)
            except errors.Conflict:
                continue

    async def let_go(self, name: str, *, word: str = "cm") -> None:
        """Remove the finalizers that a user has put on an object."""
        await self.change(name, _without_hold, word=word)

    async def gone(self, *names: str, word: str = "cm", namespace: str = "") -> None:
        """Return once objects are there no more."""
        for name in names:
            await self.api.until_gone(word, name, namespace=namespace)

    async def until(self, name: str, is_so: Callable[[Any], bool]) -> Any:
        """Return a ConfigMap as soon as something is so of it."""
        return await self.api.until("cm", name, is_so)

    async def quiet(self) -> None:
        """Return once everything was judged that was there before.

        What is made here is collected behind it: attempts are made in the order of changes.
        """
        ghost = {"apiVersion": "v1", "kind": "ConfigMap", "name": "ghost", "uid": "no-such-uid"}
        made = [await self.make(f"last-{number}", ghost) for number in range(40)]
        await self.gone(*(item.metadata.name for item in made))

    async def names(self, word: str = "cm") -> list[str]:
        """Return the names of what is there, in all namespaces."""
        return [item.metadata.name for item in (await self.api.list(word)).items]

    async def events(self, after: str, count: int) -> list[tuple[str, str]]:
        """Return the next events of ConfigMaps, as type and name."""
        found: list[tuple[str, str]] = []
        watch = self.api.watch("cm", resource_version=after)
        async with asyncio.timeout(_SECONDS), aclosing(watch) as responses:
            async for response in responses:
                for event in response.events:
                    kind = requests_pb2.EventType.Name(event.type).removeprefix("EVENT_TYPE_")
                    found.append((kind, event.object.metadata.name))
                if len(found) >= count:
                    return found
        raise AssertionError("a watch does not end by itself")


def is_going(found: Any) -> bool:
    """Tell whether an object is being deleted."""
    return bool(found.metadata.HasField("deletion_timestamp"))


def _without_hold(found: Any) -> None:
    kept = [name for name in found.metadata.finalizers if name != HOLD]
    found.metadata.finalizers[:] = kept

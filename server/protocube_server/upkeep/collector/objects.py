"""Objects as the collector reads and changes them: changes are calls like those of others."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from protocube_server.calls.user import COLLECTOR
from protocube_server.upkeep.collector.observed import observed, state_of
from protocube_server.upkeep.seen import deletion, metadata_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube.meta.v1 import requests_pb2
    from protocube_server.kinds.edition import Edition
    from protocube_server.upkeep.collector.graph import Absent, Node
    from protocube_server.upkeep.collector.observed import Observed, Reference, State
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.entrance import Entrance


class Objects:
    """The objects of one edition.

    Reads are of the store. What was read is the precondition of every write, which is refused as
    ``errors.Conflict`` when the object has changed since.
    """

    def __init__(self, api: Api, entrance: Entrance, edition: Edition, absent: Absent) -> None:
        self._api = api
        self._entrance = entrance
        self._edition = edition
        self._absent = absent

    async def read(self, node: Node) -> Observed | None:
        """Return the object of a node, ``None`` when it is there no more, or not known where.

        Raises ``errors.Damaged`` for one that cannot be read.
        """
        if node.kind is None:
            return None
        record = await self._api.store.get(node.key)
        if record is None:
            return None
        seen = observed(self._edition, node.kind, record, metadata_of(record))
        return seen if seen.uid == node.uid else None

    async def state_of(self, owner: Reference) -> State | None:
        """Return how far an owner is, ``None`` when there is none such and never will be.

        The reference must say where the owner is. Raises ``errors.Damaged``.
        """
        if self._absent.has(owner.uid, owner.key):
            return None
        record = await self._api.store.get(owner.key)
        if record is not None:
            metadata = metadata_of(record)
            if metadata.uid == owner.uid:
                return state_of(metadata)
        self._absent.add(owner.uid, owner.key)
        return None

    async def delete(
        self, seen: Observed, policy: requests_pb2.PropagationPolicy.ValueType
    ) -> None:
        """Delete an object that is still as it was seen. Raises what the call raises."""
        request = deletion(seen.kind, seen, seen.version, policy)
        await self._answer(seen, "Delete", request)

    async def change(self, seen: Observed, change: Callable[[Any], None]) -> Observed:
        """Change the metadata of an object that is still as it was seen.

        Returns it with the version that it has then. Raises what the call raises.
        """
        resource = seen.kind.resource
        request: Any = resource.update_request_class()
        request.object.CopyFrom(seen.kind.read(seen.record))
        request.object.metadata.resource_version = seen.version
        change(request.object.metadata)
        body = request.SerializeToString()
        answer: Any = resource.message_class.FromString(await self._answer(seen, "Update", body))
        return dataclasses.replace(seen, version=answer.metadata.resource_version)

    async def _answer(self, seen: Observed, method: str, request: bytes) -> bytes:
        return await self._entrance.answer(
            seen.kind.resource.service, method, request, user=COLLECTOR
        )

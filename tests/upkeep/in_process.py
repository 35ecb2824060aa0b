"""An API over a store without a server, called from inside, and terms taken by hand."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube.meta.v1 import requests_pb2
from protocube_server.calls.chain import Stages
from protocube_server.upkeep.term import Claim, Term
from protocube_server.verbs.entrance import Entrance
from tests import bare_server
from tests.upkeep.conftest import KEY, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Store
    from protocube_server.verbs.api import Api

CATALOG = Catalog.shipped()


@dataclass(frozen=True, slots=True, kw_only=True)
class InProcess:
    """An API, and calls of it by the words that people use for kinds."""

    api: Api
    entrance: Entrance

    @classmethod
    async def over(cls, store: Store, **parts: Any) -> InProcess:
        """Return an API over a store, with the built-in namespaces."""
        api = await bare_server.api_over(store, **parts)
        return cls(api=api, entrance=Entrance(api, Stages()))

    def kind(self, word: str) -> Kind:
        """Return the kind that a word means."""
        found = CATALOG.find(word)
        assert found is not None
        kind = self.api.editions.current.kinds.for_message(found.message)
        assert kind is not None
        return kind

    async def create(self, word: str, name: str, **fields: Any) -> Any:
        """Create an object from its JSON form."""
        fields["metadata"] = {"name": name, **fields.get("metadata", {})}
        resource = self.kind(word).resource
        request: Any = resource.create_request_class()
        json_format.ParseDict(fields, request.object)
        return await self._answer(word, "Create", request)

    async def update(self, word: str, message: Any) -> Any:
        """Replace an object."""
        request: Any = self.kind(word).resource.update_request_class()
        request.object.CopyFrom(message)
        return await self._answer(word, "Update", request)

    async def get(self, word: str, name: str, namespace: str = "") -> Any:
        """Read one object."""
        request = requests_pb2.GetRequest(name=name, namespace=namespace)
        return await self._answer(word, "Get", request)

    async def delete(self, word: str, name: str, namespace: str = "") -> Any:
        """Delete one object."""
        request = requests_pb2.DeleteRequest(name=name, namespace=namespace)
        return await self._answer(word, "Delete", request)

    async def names(self, namespace: str) -> list[str]:
        """Return what is stored in a namespace, as ``PLURAL/NAME``."""
        found = []
        for kind in self.api.editions.current.kinds:
            if kind.resource.namespaced and kind.is_stored:
                prefix = kind.prefix(namespace)
                records = (await self.api.store.list(prefix)).records
                names = (record.key[len(prefix) :].decode() for record in records)
                found += [f"{kind.resource.plural}/{name}" for name in names]
        return sorted(found)

    async def until(self, name: str, is_so: Callable[[Any], bool]) -> Any:
        """Return a namespace once something is so of it; ``None`` stands for one that is gone."""
        kind, store = self.kind("ns"), self.api.store
        key = kind.key("", name)
        after = await store.revision()
        record = await store.get(key)
        async with asyncio.timeout(PATIENCE), aclosing(store.watch(key, after=after)) as watch:
            while True:
                found = kind.parse(record.value) if record else None
                if is_so(found):
                    return found
                changes = await anext(watch)
                for event in changes.events:
                    if event.key == key:
                        record = event.record

    async def until_gone(self, name: str) -> None:
        """Return once a namespace is gone."""
        await self.until(name, lambda found: found is None)

    async def _answer(self, word: str, method: str, request: Any) -> Any:
        resource = self.kind(word).resource
        raw = await self.entrance.answer(resource.service, method, request.SerializeToString())
        return resource.message_class.FromString(raw)


async def term_of(store: Store, epoch: int) -> Term:
    """Take the leadership, whoever has it."""
    claim = Claim(holder=f"server-{epoch}", epoch=epoch, renewal=0)
    before = await store.get(KEY)
    if before is None:
        record = await store.create(KEY, claim.value())
    else:
        record = await store.update(KEY, claim.value(), expected=before.mod_revision)
    return Term(store, claim, key=KEY, revision=record.mod_revision)

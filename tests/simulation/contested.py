"""A server whose writes are raced: others change the store right before one of them, as told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.cache import Cache
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import SYSTEM
from protocube_server.kinds import kept
from protocube_server.kinds.edition import Editions
from protocube_server.kinds.registry import Registry
from protocube_server.storage import base
from protocube_server.verbs import namespaces
from protocube_server.verbs.api import Api
from protocube_server.verbs.entrance import Entrance
from tests.simulation.store import SimulatedStore, World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from protocube_server.kinds.kind import Kind

CATALOG: Final = Catalog.shipped()
REGISTRY: Final = Registry(CATALOG, "/registry", FUNCTIONS)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """An API over a store in memory, and what others do there."""

    world: World
    api: Api
    entrance: Entrance

    @classmethod
    async def begin(cls) -> Contested:
        """Return an API over an empty store, with the built-in namespaces."""
        world = World()
        store = SimulatedStore(world)
        editions = Editions(REGISTRY)
        api = Api(store=store, cache=Cache(store, b"/registry/", editions), editions=editions)
        await namespaces.bootstrap(api)
        return cls(world=world, api=api, entrance=Entrance(api, Stages()))

    def kind(self, word: str) -> Kind:
        """Return the kind that a word means."""
        found = CATALOG.find(word)
        assert found is not None, word
        kind = REGISTRY.for_message(found.message)
        assert kind is not None, word
        return kind

    def key(self, word: str, name: str, namespace: str = "default") -> bytes:
        """Return the key of an object."""
        kind = self.kind(word)
        return kind.key(namespace if kind.resource.namespaced else "", name)

    def stored(self, word: str, name: str, namespace: str = "default") -> Any:
        """Return an object as it is stored, ``None`` when it is not there."""
        record = self.world.history.get(self.key(word, name, namespace))
        return self.kind(word).read(record) if record is not None else None

    async def call(self, word: str, method: str, **fields: Any) -> Any:
        """Make a unary call that answers with an object, or a list; see :meth:`send`."""
        raw = await self.send(word, method, **fields)
        resource = self.kind(word).resource
        is_list = method in ("List", "DeleteCollection")
        answer = resource.list_class if is_list else resource.message_class
        return answer.FromString(raw)

    async def send(self, word: str, method: str, **fields: Any) -> bytes:
        """Make a unary call, and return its bytes; ``object`` is its JSON form or a message."""
        service = self.kind(word).resource.service
        return await self.entrance.answer(service, method, self._request(word, method, fields))

    def _request(self, word: str, method: str, fields: dict[str, Any]) -> bytes:
        given = fields.pop("object", None)
        request: Any = self.kind(word).resource.request_class(method)(**fields)
        if isinstance(given, dict):
            json_format.ParseDict(given, request.object)
        elif given is not None:
            request.object.CopyFrom(given)
        found: bytes = request.SerializeToString()
        return found

    async def warned(self, word: str, method: str, **fields: Any) -> list[str]:
        """Make a unary call, and return its warnings."""
        resource = self.kind(word).resource
        door = self.entrance.door(resource.service, method)
        assert door is not None
        call = door.call(SYSTEM, self._request(word, method, fields))
        await door.handler(call)
        return list(call.warnings)

    async def create(self, word: str, name: str, **fields: Any) -> Any:
        """Create an object from its JSON form."""
        fields["metadata"] = {"name": name, **fields.get("metadata", {})}
        return await self.call(word, "Create", object=fields)

    def fill(self, word: str, names: Sequence[str], namespace: str = "default") -> None:
        """Write objects past all servers."""
        kind = self.kind(word)
        puts = []
        for name in names:
            message: Any = kind.resource.message_class()
            message.api_version, message.kind = kind.resource.api_version, kind.resource.kind
            message.metadata.name, message.metadata.namespace = name, namespace
            message.metadata.uid = f"uid-{name}"
            key = self.key(word, name, namespace)
            puts.append(base.Put(key=key, value=kind.encode(message)))
        for begin in range(0, len(puts), _AT_ONCE):
            self.world.write(*puts[begin : begin + _AT_ONCE])

    def others_change(
        self, word: str, name: str, change: Callable[[Any], object], *, namespace: str = "default"
    ) -> Callable[[], None]:
        """Return what changes an object past all servers."""

        def deed() -> None:
            kind, key = self.kind(word), self.key(word, name, namespace)
            record = self.world.history.get(key)
            assert record is not None, f"{word} {name} is not there to be changed"
            message = kind.read(record)
            change(message)
            message.metadata.ClearField("resource_version")
            value = kept.with_message(kept.read(record.value), kind.encode(message))
            self.world.write(base.Put(key=key, value=value))

        return deed

    def others_delete(
        self, word: str, name: str, *, namespace: str = "default"
    ) -> Callable[[], None]:
        """Return what removes an object past all servers."""
        key = self.key(word, name, namespace)
        return lambda: self.world.write(base.Remove(key=key))

    def others_write(self, record: base.Record | None) -> Callable[[], None]:
        """Return what writes a record as it was."""
        assert record is not None
        return lambda: self.world.write(base.Put(key=record.key, value=record.value))

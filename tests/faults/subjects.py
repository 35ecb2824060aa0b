"""What a workload runs against: a store, or a server's API, with the same few calls."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_server.kinds import kept
from protocube_server.storage.base import ConditionFailed
from tests.faults.history import Seen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from protocube_client.client import Client
    from protocube_server.storage.base import Record, Store


DAMAGED = b"\xff\xffdamaged"
"""A value that is no object."""


class Refused(Exception):  # a statement about the call
    """The condition of a write did not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A key that exists."""

    token: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """All keys with their states, at one revision."""

    states: dict[str, State]
    revision: int


class Subject(Protocol):
    """Keys with tokens. Errors are those of ``protocube.errors``, and :class:`Refused`."""

    async def create(self, key: str, token: str) -> int:
        """Create a key and give the revision."""
        ...

    async def update(self, key: str, token: str, *, expected: int) -> int:
        """Change a key that is at ``expected`` and give the revision."""
        ...

    async def delete(self, key: str, *, expected: int) -> int:
        """Delete a key that is at ``expected`` and give the revision."""
        ...

    async def get(self, key: str) -> State | None:
        """Return the newest state of a key."""
        ...

    async def list(self) -> Keys:
        """Return all keys."""
        ...

    async def newest(self) -> int:
        """Return the newest revision."""
        ...

    def watch(self, *, after: int) -> AsyncGenerator[Sequence[Seen], None]:
        """Follow all keys."""
        ...


class StoreSubject:
    """A store, without a server."""

    def __init__(self, store: Store, prefix: bytes) -> None:
        self._store = store
        self._prefix = prefix

    async def create(self, key: str, token: str) -> int:
        """See :class:`Subject`."""
        try:
            return (await self._store.create(self._key(key), token.encode())).mod_revision
        except ConditionFailed as failed:
            raise Refused from failed

    async def update(self, key: str, token: str, *, expected: int) -> int:
        """See :class:`Subject`."""
        try:
            record = await self._store.update(self._key(key), token.encode(), expected=expected)
        except ConditionFailed as failed:
            raise Refused from failed
        return record.mod_revision

    async def delete(self, key: str, *, expected: int) -> int:
        """See :class:`Subject`."""
        try:
            return (await self._store.delete(self._key(key), expected=expected)).revision
        except ConditionFailed as failed:
            raise Refused from failed

    async def get(self, key: str) -> State | None:
        """See :class:`Subject`."""
        record = await self._store.get(self._key(key))
        return _state(record) if record else None

    async def list(self, *, at: int = 0) -> Keys:
        """See :class:`Subject`; ``at`` is a revision of the past. What is damaged is left out."""
        page = await self._store.list(self._prefix, at=at)
        return Keys(
            states={
                record.key.removeprefix(self._prefix).decode(): _state(record)
                for record in page.records
                if record.value != DAMAGED
            },
            revision=page.revision,
        )

    async def newest(self) -> int:
        """See :class:`Subject`."""
        return await self._store.revision()

    async def watch(self, *, after: int) -> AsyncGenerator[Sequence[Seen], None]:
        """See :class:`Subject`."""
        async with aclosing(self._store.watch(self._prefix, after=after)) as watch:
            async for revision in watch:
                yield [
                    Seen(
                        revision=event.revision,
                        key=event.key.removeprefix(self._prefix).decode(),
                        token=event.record.value.decode() if event.record else None,
                    )
                    for event in revision.events
                ]

    def _key(self, key: str) -> bytes:
        return self._prefix + key.encode()


class ApiSubject:
    """A server, through the Python client: keys are ConfigMaps."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, key: str, token: str) -> int:
        """See :class:`Subject`."""
        try:
            return _revision(await self._client.create(_config_map(key, token)))
        except errors.AlreadyExists as error:
            raise Refused from error

    async def update(self, key: str, token: str, *, expected: int) -> int:
        """See :class:`Subject`."""
        item = _config_map(key, token)
        item.metadata.resource_version = str(expected)
        try:
            return _revision(await self._client.update(item))
        except (errors.Conflict, errors.NotFound) as error:
            raise Refused from error

    async def delete(self, key: str, *, expected: int) -> int:
        """See :class:`Subject`."""
        try:
            gone = await self._client.delete(ConfigMap, key, resource_version=str(expected))
        except (errors.Conflict, errors.NotFound) as error:
            raise Refused from error
        return _revision(gone)

    async def get(self, key: str) -> State | None:
        """See :class:`Subject`."""
        try:
            item = await self._client.get(ConfigMap, key)
        except errors.NotFound:
            return None
        return State(token=item.data["token"], revision=_revision(item))

    async def list(self) -> Keys:
        """See :class:`Subject`."""
        listing = await self._client.list(ConfigMap, namespace="default")
        return Keys(
            states={
                item.metadata.name: State(token=item.data["token"], revision=_revision(item))
                for item in listing
            },
            revision=int(listing.resource_version),
        )

    async def newest(self) -> int:
        """See :class:`Subject`."""
        return (await self.list()).revision

    async def watch(self, *, after: int) -> AsyncGenerator[Sequence[Seen], None]:
        """See :class:`Subject`."""
        watch = self._client.watch(ConfigMap, resource_version=str(after))
        async with aclosing(watch):
            async for event in watch:
                item = event.object
                gone = event.type.value == "DELETED"
                yield [
                    Seen(
                        revision=_revision(item),
                        key=item.metadata.name,
                        token=None if gone else item.data["token"],
                    )
                ]


def token_of(value: bytes) -> str:
    """Return the token in a stored value: the value itself, or a ConfigMap's."""
    value = kept.message(value)
    is_message = value.startswith(b"\n")  # The tag of its first field.
    return ConfigMap.FromString(value).data["token"] if is_message else value.decode()


def _state(record: Record) -> State:
    return State(token=token_of(record.value), revision=record.mod_revision)


def _config_map(key: str, token: str) -> ConfigMap:
    item = ConfigMap(api_version="v1", kind="ConfigMap", data={"token": token})
    item.metadata.name = key
    item.metadata.namespace = "default"
    return item


def _revision(item: ConfigMap) -> int:
    return int(item.metadata.resource_version)

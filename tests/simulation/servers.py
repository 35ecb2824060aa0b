"""Servers below the edge: what a process has, on a simulated store, to be killed and started."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.core.v1 import config_map_service_pb2 as services
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.meta.v1 import requests_pb2
from protocube_server.cache import Cache
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import SYSTEM
from protocube_server.kinds.edition import Editions
from protocube_server.upkeep import compactor
from protocube_server.upkeep.leadership import Leadership
from protocube_server.upkeep.namespaces import worker as namespace_removal
from protocube_server.verbs import namespaces
from protocube_server.verbs.api import Api
from protocube_server.verbs.entrance import Entrance
from tests.faults.history import Seen
from tests.faults.subjects import Keys, Refused, State
from tests.simulation import loop
from tests.simulation.kinds import REGISTRY
from tests.simulation.store import SimulatedStore

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Sequence

    from tests.simulation.store import Weather, World

PREFIX = b"/registry/configmaps/default/"
_SERVICE = "protocube.core.v1.ConfigMaps"
_COMPACT_SECONDS = 20.0


class SimulatedServer:
    """One server; :meth:`start` it first. Calls are a :class:`Subject`'s, through its entrance."""

    def __init__(self, name: str, world: World, weather: Weather) -> None:
        self._name = name
        self._world = world
        self._weather = weather
        self.internal: list[str] = []
        """Internal errors, of which callers would hear without a reason: each is a fault."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._entrance: Entrance | None = None
        self._starts = 0
        self._store: SimulatedStore | None = None

    def start(self) -> None:
        """Begin with nothing but what the store has."""
        self._starts += 1
        self._store = store = SimulatedStore(self._world, self._weather)
        editions = Editions(REGISTRY)
        cache = Cache(store, b"/registry/", editions)
        api = Api(store=store, cache=cache, editions=editions, now=_now)
        self._entrance = Entrance(api, Stages())
        holder = f"{self._name}, start {self._starts}"
        leadership = Leadership(store, "/registry", holder=holder)
        workers = (
            namespace_removal.removing(api),
            compactor.compacting(store, "/registry", _COMPACT_SECONDS),
        )
        for work in (api.cache.run(), leadership.run(workers), _prepare(api)):
            self._begin(work)

    async def kill(self) -> None:
        """End it amid whatever it does."""
        self._entrance = None
        if self._store is not None:
            await self._store.close()
        tasks = sorted(self._tasks, key=lambda task: getattr(task, "number", 0))
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._tasks.clear()

    async def create(self, key: str, token: str) -> int:
        """See :class:`Subject`."""
        try:
            answer = await self._call(
                "Create", services.CreateConfigMapRequest(object=_config_map(key, token))
            )
        except errors.AlreadyExists as error:
            raise Refused from error
        except errors.NotFound as error:  # The namespace, in a store from before it was made.
            raise errors.Unavailable(error.message) from error
        return _revision(ConfigMap.FromString(answer))

    async def update(self, key: str, token: str, *, expected: int) -> int:
        """See :class:`Subject`."""
        item = _config_map(key, token)
        item.metadata.resource_version = str(expected)
        try:
            answer = await self._call("Update", services.UpdateConfigMapRequest(object=item))
        except (errors.Conflict, errors.NotFound) as error:
            raise Refused from error
        return _revision(ConfigMap.FromString(answer))

    async def delete(self, key: str, *, expected: int) -> int:
        """See :class:`Subject`."""
        request = requests_pb2.DeleteRequest(name=key, namespace="default")
        request.preconditions.resource_version = str(expected)
        try:
            answer = await self._call("Delete", request)
        except (errors.Conflict, errors.NotFound) as error:
            raise Refused from error
        return _revision(ConfigMap.FromString(answer))

    async def get(self, key: str) -> State | None:
        """See :class:`Subject`."""
        request = requests_pb2.GetRequest(name=key, namespace="default")
        try:
            item = ConfigMap.FromString(await self._call("Get", request))
        except errors.NotFound:
            return None
        return State(token=item.data["token"], revision=_revision(item))

    async def list(self, *, limit: int = 0) -> Keys:
        """See :class:`Subject`. With a limit it takes several pages."""
        states: dict[str, State] = {}
        token = ""
        while True:
            request = requests_pb2.ListRequest(
                namespace="default", limit=limit, continue_token=token
            )
            page = services.ConfigMapList.FromString(await self._call("List", request))
            for item in page.items:
                name = item.metadata.name
                states[name] = State(token=item.data["token"], revision=_revision(item))
            token = page.metadata.continue_token
            if not token:
                return Keys(states=states, revision=int(page.metadata.resource_version))

    async def newest(self) -> int:
        """See :class:`Subject`."""
        return (await self.list()).revision

    async def watch(self, *, after: int) -> AsyncGenerator[Sequence[Seen], None]:
        """See :class:`Subject`; it ends as ``Unavailable`` when the server is killed."""
        entrance = self._entrance
        if entrance is None:
            raise errors.Unavailable("the server is down")
        door = entrance.door(_SERVICE, "Watch")
        assert door is not None
        request = requests_pb2.WatchRequest(namespace="default", resource_version=str(after))
        call = door.call(SYSTEM, request.SerializeToString())
        async with aclosing(door.handler(call)) as responses:
            while True:
                try:
                    raw = await self._own(anext(responses))
                except StopAsyncIteration:
                    raise errors.Unavailable("the server has ended the watch") from None
                response = services.ConfigMapWatchResponse.FromString(raw)
                yield [_seen(event) for event in response.events]

    async def call(self, service: str, method: str, request: Any) -> bytes:
        """Make a unary call, and return the answer's bytes.

        Raises ``errors.OutcomeUnknown`` when the server is killed meanwhile.
        """
        entrance = self._entrance
        if entrance is None:
            raise errors.Unavailable("the server is down")
        return await self._own(entrance.answer(service, method, request.SerializeToString()))

    async def _call(self, method: str, request: Any) -> bytes:
        return await self.call(_SERVICE, method, request)

    async def _own(self, work: Coroutine[Any, Any, bytes]) -> bytes:
        """Do ``work`` in the server: it goes with it, and its caller hears of that."""
        task = self._begin(work)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            if not task.done():
                await asyncio.wait({task})
        if task.cancelled():
            raise errors.OutcomeUnknown("the server was killed")
        try:
            answer: bytes = task.result()
        except (errors.ApiError, StopAsyncIteration) as error:
            if not isinstance(error, errors.Internal):
                raise
            self.internal.append(repr(error))
        except Exception as error:  # noqa: BLE001  # callers would get Internal of it
            self.internal.append(repr(error))
        else:
            return answer
        raise errors.OutcomeUnknown("an internal error")

    def _begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _now() -> datetime:
    return datetime.fromtimestamp(asyncio.get_running_loop().time(), UTC)


async def _prepare(api: Api) -> None:
    """Make what a server needs in its store, also after it has gone back in time."""
    prepared = None
    while True:
        with contextlib.suppress(errors.ApiError):
            # It may change meanwhile: then it is made again.
            incarnation = api.store.incarnation
            if incarnation != prepared:
                await namespaces.bootstrap(api)
                prepared = incarnation
        await loop.wait(1.0)


def stored(key: str, token: str) -> bytes:
    """Return what a server stores of a key with a token."""
    return _config_map(key, token).SerializeToString(deterministic=True)


def _config_map(key: str, token: str) -> ConfigMap:
    item = ConfigMap(api_version="v1", kind="ConfigMap", data={"token": token})
    item.metadata.name, item.metadata.namespace = key, "default"
    return item


def _seen(event: Any) -> Seen:
    gone = event.type == requests_pb2.EVENT_TYPE_DELETED
    return Seen(
        revision=_revision(event.object),
        key=event.object.metadata.name,
        token=None if gone else event.object.data["token"],
    )


def _revision(item: ConfigMap) -> int:
    return int(item.metadata.resource_version)

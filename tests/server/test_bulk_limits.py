"""Bulk streams at their bounds: large requests and answers, crowds, streams that are cut off."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from protocube.meta.v1 import requests_pb2
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import SYSTEM
from protocube_server.verbs.bulk.gathering import GatheringStore
from protocube_server.verbs.bulk.stream import Bulk
from tests.server.bulk_writes import (
    METHOD,
    call,
    config_map,
    create,
    delete,
    error_of,
    names,
    outcomes,
    packed,
    responses,
)
from tests.server.caller import OWN, SECONDS, Caller, rebuilt

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from protocube_server.storage.base import Outcome, Record, Store, Write
    from tests.server.repeating import Served

_LARGEST = 4 * 1024 * 1024
_STREAMS = 64


def service(api: Caller, name: str) -> Any:
    """Return a Service, which is given an address with a key of its own."""
    return api.make("svc", name, spec={"ports": [{"port": 80}], "selector": {"a": "b"}})


@pytest.mark.parametrize(
    ("request_", "kind", "text"),
    [
        (
            bulk_pb2.WriteRequest(field_manager="m" * _LARGEST),
            errors.TooLarge,
            f"request 0 of the stream has {_LARGEST + 5} bytes, the limit is {_LARGEST}",
        ),
        (
            bulk_pb2.WriteRequest(writes=[bulk_pb2.Write()] * 100_000),
            errors.BadRequest,
            "request 0 of the stream has too many writes, the limit of a request is 1000",
        ),
    ],
    ids=["bytes", "writes"],
)
async def test_a_request_has_a_largest_size(
    api: Caller, request_: Any, kind: type[errors.ApiError], text: str
) -> None:
    """In bytes, and in writes, which take more room than bytes once they are parsed."""
    with pytest.raises(kind) as refused:
        async for _ in responses(api, [request_]):
            pass
    assert refused.value.message == text


async def test_a_response_is_what_stock_clients_take(api: Caller) -> None:
    """Objects that are larger together than a message come in several, numbered through."""
    count, text = 6, "x" * 1_000_000
    for number in range(count):
        await api.create(config_map(api, f"a{number}", k=text))
    patch = api.resource("cm").request_class("Patch")
    method = "protocube.core.v1.ConfigMaps/Patch"
    change = '{"data": {"l": "v"}}'
    writes = [call(method, patch(name=f"a{n}", merge_patch=change)) for n in range(count)]
    request = bulk_pb2.WriteRequest(writes=writes, include_objects=True)
    seen: list[str] = []
    async for response in responses(api, [request]):
        assert response.first == len(seen)
        assert response.ByteSize() <= _LARGEST
        seen += [each.written.name for each in response.outcomes]
    assert seen == [f"a{number}" for number in range(count)]


async def test_a_failure_is_cut_when_it_is_long(api: Caller) -> None:
    """It says how much was left out, as a call of its own does."""
    labels = {"a": "!" * 600_000}
    (made,) = await outcomes(api, create(api.make("cm", "a", metadata={"labels": labels})))
    assert made.failure.code == errors.Invalid.code
    assert made.ByteSize() < 256 * 1024
    assert "more violations" in made.failure.message


async def test_an_answer_has_the_message_of_its_method(api: Caller) -> None:
    """A scale is no Deployment."""
    container = {"name": "c", "image": "i"}
    labels = {"app": "a"}
    spec = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    }
    deployment = api.make("deploy", "d", spec=spec)
    patch = api.resource("deploy").request_class("PatchScale")
    scaled = patch(name="d", merge_patch='{"spec": {"replicas": 3}}')
    made = await outcomes(
        api,
        create(deployment),
        call("protocube.apps.v1.Deployments/PatchScale", scaled),
        include_objects=True,
    )
    names_ = [each.written.object.type_url.rpartition("/")[2] for each in made]
    assert names_ == ["protocube.apps.v1.Deployment", "protocube.autoscaling.v1.Scale"]
    assert made[1].written.name == "d"


async def test_what_an_object_is_given_is_not_told_for_it(served: Served) -> None:
    """Services take several keys each: all are made with their records, and told as services."""
    api = served.caller
    writes = [create(service(api, f"s{number}")) for number in range(110)]
    first = await outcomes(api, *writes, request_id="r", include_objects=True)
    assert [each for each in first if not each.HasField("written")] == []
    again = await outcomes(api, *writes, request_id="r", include_objects=True)
    assert list(again) == list(first)
    assert len(await names(api, "svc")) == 110


async def test_an_eviction_that_is_repeated_is_told(served: Served) -> None:
    """It has several writes, of which the last one ends it."""
    api = served.caller
    spec = {"containers": [{"name": "c", "image": "nginx"}]}
    pod = await api.create(api.make("pods", "p", spec=spec))
    eviction: Any = api.resource("pods").request_class("Evict")()
    eviction.object.metadata.name = "p"
    evict = call("protocube.core.v1.Pods/Evict", eviction)
    first = await outcomes(api, evict, request_id="r")
    assert first[0].written.name == "p"
    await api.create(api.make("pods", "p", spec=spec))
    again = await outcomes(api, evict, request_id="r")
    assert again[0].written.uid == pod.metadata.uid
    assert await names(api, "pods") == ["p"]


async def test_what_is_atomic_cannot_change_what_it_depends_on(served: Served) -> None:
    """A transaction has no order: an object cannot be made in a namespace that it removes."""
    api = served.caller
    await api.create(api.make("ns", "n"))
    inside = api.make("cm", "a", metadata={"namespace": "n"})
    made = await outcomes(
        api, create(inside), delete("protocube.core.v1.Namespaces", "n"), atomic=True
    )
    text = "an atomic request cannot write what another write of it depends on: "
    assert made[0].failure.message == f"{text}/registry/namespaces/n"
    assert made[0].failure.code == errors.BadRequest.code
    assert isinstance(error_of(made[1]), errors.NotDone)


class _Held(GatheringStore):
    """A store whose objects are not found out until the test ends."""

    def __init__(self, store: Store, expected: int) -> None:
        super().__init__(store)
        self._expected = expected
        self.is_asked = asyncio.Event()

    async def get(self, key: bytes) -> Record | None:
        """Never return."""
        self._expected -= 1
        if not self._expected:
            self.is_asked.set()
        await asyncio.Event().wait()
        return await super().get(key)


async def test_a_stream_that_is_cut_off_ends_at_once(served: Served) -> None:
    """Writes of it that wait for others are not made then."""
    import dataclasses

    api = served.caller
    for name in "ab":
        await api.create(config_map(api, name))
    held = _Held(served.store, expected=2)
    writes = [
        create(config_map(api, "c")),
        *(bulk_pb2.Write(update=packed(config_map(api, name, k="v"))) for name in "ab"),
    ]
    request = bulk_pb2.WriteRequest(writes=writes, request_id="r")

    async def requests() -> AsyncGenerator[bytes, None]:
        yield request.SerializeToString()

    bulk = Bulk(dataclasses.replace(served.api, store=held), Stages())

    async def write() -> None:
        async for _ in bulk.write(requests(), user=SYSTEM, sign=lambda _: None):
            pass

    writing = asyncio.create_task(write())
    async with asyncio.timeout(SECONDS):
        await held.is_asked.wait()
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
    assert await names(api) == ["a", "b"]


class _OneByOne(GatheringStore):
    """A store that takes one write at a time, as kine does."""

    async def write(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """Refuse several."""
        if len(batch) > 1:
            raise errors.MethodNotSupported("one write at a time")
        return await self.inner.write(batch)


async def test_a_store_that_takes_one_write_at_a_time_is_given_that(served: Served) -> None:
    """What goes on beside each other is written one by one then, each with its outcome."""
    import dataclasses

    api = served.caller
    await api.create(config_map(api, "b"))
    request = bulk_pb2.WriteRequest(writes=[create(config_map(api, name)) for name in "abc"])

    async def requests() -> AsyncGenerator[bytes, None]:
        yield request.SerializeToString()

    bulk = Bulk(dataclasses.replace(served.api, store=_OneByOne(served.store)), Stages())
    (response,) = [each async for each in bulk.write(requests(), user=SYSTEM, sign=lambda _: None)]
    made = bulk_pb2.WriteResponse.FromString(response).outcomes
    assert [each.WhichOneof("outcome") for each in made] == ["written", "failure", "written"]
    assert isinstance(error_of(made[1]), errors.AlreadyExists)
    assert await names(api) == ["a", "b", "c"]


async def test_streams_are_bounded_and_shared(api: Caller) -> None:
    """One connection cannot have all of them: another one's first stream is let in."""
    request = bulk_pb2.WriteRequest(writes=[bulk_pb2.Write()]).SerializeToString()
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(_STREAMS):
            stream = api.channel.stream_stream(METHOD, None, None)(timeout=SECONDS)
            stack.callback(stream.cancel)
            await stream.write(request)
            await stream.read()
        refused = api.channel.stream_stream(METHOD, None, None)(timeout=SECONDS)
        with pytest.raises(grpc.aio.AioRpcError) as found:
            await refused.read()
        error = rebuilt(found.value)
        assert isinstance(error, errors.TooManyRequests)
        assert error.message == "too many bulk streams: the limit is 64; try again later"
        other = await stack.enter_async_context(Caller(api.address, api.catalog, OWN))
        (made,) = await outcomes(other, create(config_map(other, "a")))
        assert made.written.name == "a"
    (gone,) = await outcomes(api, call("protocube.core.v1.ConfigMaps/Delete", _deletion("a")))
    assert gone.written.name == "a"


def _deletion(name: str) -> Any:
    return requests_pb2.DeleteRequest(name=name)

"""One stream over the objects of several kinds, through the wire and on both stores."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import grpc.aio
import pytest

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube.watch.v1 import watches_pb2
from tests.server.caller import Caller, rebuilt

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from google.protobuf import any_pb2

    from tests.server.conftest import Serve

_METHOD = "/protocube.watch.v1.Watches/Watch"
_SECONDS = 20.0
ADDED = requests_pb2.EVENT_TYPE_ADDED
MODIFIED = requests_pb2.EVENT_TYPE_MODIFIED
DELETED = requests_pb2.EVENT_TYPE_DELETED
CONFIG_MAPS = {"message": "protocube.core.v1.ConfigMap"}
DEPLOYMENTS = {"api_version": "apps/v1", "kind": "Deployment"}
LEASES = {"message": "protocube.coordination.v1.Lease"}


@pytest.fixture(params=["cached", "from the store"])
async def api(request: pytest.FixtureRequest, serve: Serve, other: str) -> Any:
    """Provide a server on each store, with its watch cache and without."""
    async with serve(store=other, watch_cache=request.param == "cached") as caller:
        yield caller


async def following(api: Caller, **fields: Any) -> AsyncGenerator[Any, None]:
    """Watch, and yield the responses. Raises the exceptions of ``protocube.errors``."""
    request = watches_pb2.WatchManyRequest(**fields)
    call = api.channel.unary_stream(_METHOD, None, None)(request.SerializeToString())
    try:
        async with asyncio.timeout(_SECONDS):
            async for response in call:
                yield watches_pb2.WatchManyResponse.FromString(response)
    except grpc.aio.AioRpcError as error:
        raise rebuilt(error) from None
    finally:
        call.cancel()


def unpacked(api: Caller, packed: any_pb2.Any) -> Any:
    """Return the object of an event."""
    name = packed.TypeName()
    (resource,) = (item for item in api.catalog.resources if item.message == name)
    return resource.message_class.FromString(packed.value)


async def events(
    api: Caller, responses: AsyncGenerator[Any, None], count: int
) -> list[tuple[int, Any]]:
    """Return the next ``count`` events."""
    found: list[tuple[int, Any]] = []
    while len(found) < count:
        response = await anext(responses)
        found += [(event.type, unpacked(api, event.object)) for event in response.events]
    assert len(found) == count
    return found


async def newest(api: Caller) -> str:
    """Return the newest version."""
    return str((await api.list("cm")).metadata.resource_version)


def lease(api: Caller, name: str) -> Any:
    """Return a lease."""
    return api.make("leases", name, spec={"holderIdentity": name})


async def test_tells_what_happens_to_several_kinds_in_order(api: Caller) -> None:
    """Kinds that are not named do not show; each object is a message of its kind."""
    at = await newest(api)
    kinds = [CONFIG_MAPS, LEASES]
    async with aclosing(following(api, kinds=kinds, resource_version=at)) as responses:
        made = await api.create(api.make("cm", "a"))
        await api.create(api.make("secrets", "s"))
        held = await api.create(lease(api, "l"))
        made.data["k"] = "v"
        changed = await api.update(made)
        gone = await api.delete("leases", "l")
        del made.data["k"]
        assert await events(api, responses, 4) == [
            (ADDED, made),
            (ADDED, held),
            (MODIFIED, changed),
            (DELETED, gone),
        ]


async def test_begins_with_what_is_there_at_one_version(api: Caller) -> None:
    """The present objects come kind by kind; a mark ends them, and what follows is behind it."""
    one, two = await api.create(api.make("cm", "b")), await api.create(lease(api, "a"))
    wanted = {
        "kinds": [LEASES, CONFIG_MAPS],
        "send_initial_events": True,
        "resource_version_match": requests_pb2.RESOURCE_VERSION_MATCH_NOT_OLDER_THAN,
        "send_progress": True,
    }
    at = await newest(api)
    async with aclosing(following(api, **wanted)) as responses:
        assert await events(api, responses, 2) == [(ADDED, two), (ADDED, one)]
        end = await anext(responses)
        assert (end.initial_events_end, end.progress, end.resource_version) == (True, True, at)
        made = await api.create(api.make("cm", "c"))
        assert await events(api, responses, 1) == [(ADDED, made)]


async def test_what_is_there_at_a_version_to_come_times_out_at_once(api: Caller) -> None:
    """A state that is not older does not exist yet."""
    asked = {
        "kinds": [LEASES, CONFIG_MAPS],
        "send_initial_events": True,
        "resource_version_match": requests_pb2.RESOURCE_VERSION_MATCH_NOT_OLDER_THAN,
        "resource_version": "99999999",
    }
    async with aclosing(following(api, **asked)) as responses:
        with pytest.raises(errors.Timeout, match="Too large resource version"):
            await anext(responses)


async def test_follows_all_kinds_of_a_namespace(api: Caller) -> None:
    """Every namespaced kind is in it, once; other namespaces and cluster-scoped kinds are not."""
    await api.create(api.make("ns", "team"))
    metadata = {"name": "a", "namespace": "team"}
    await api.create(api.make("cm", "elsewhere"))
    old = await api.create(api.make("cm", metadata=metadata))
    async with aclosing(following(api, namespace="team")) as responses:
        assert await events(api, responses, 1) == [(ADDED, old)]
        assert (await anext(responses)).resource_version
        await api.create(api.make("ns", "another"))
        await api.create(api.make("cm", "elsewhere-too"))
        made = [
            await api.create(api.make("secrets", metadata=metadata)),
            await api.create(api.make("sa", metadata=metadata)),
        ]
        assert await events(api, responses, 2) == [(ADDED, item) for item in made]


async def test_a_resumed_stream_loses_and_repeats_nothing(api: Caller) -> None:
    """A client that reconnects after every response sees each of many concurrent creates once."""
    at = await newest(api)
    wanted = {f"n{number}" for number in range(40)}

    async def resuming() -> list[str]:
        nonlocal at
        seen: list[str] = []
        while len(seen) < len(wanted):
            asked = {"kinds": [CONFIG_MAPS, LEASES], "resource_version": at}
            async with aclosing(following(api, **asked)) as responses:
                response = await anext(responses)
                names = [unpacked(api, event.object).metadata.name for event in response.events]
                seen += names
                at = response.resource_version
        return seen

    watcher = asyncio.create_task(resuming())
    await asyncio.gather(
        *(
            api.create(api.make("cm", name) if index % 2 else lease(api, name))
            for index, name in enumerate(sorted(wanted))
        )
    )
    assert sorted(await watcher) == sorted(wanted)


async def test_selectors_are_those_of_each_kind(api: Caller) -> None:
    """A kind can have a selector of its own; others have that of the request."""
    at = await newest(api)
    asked = {
        "kinds": [{**CONFIG_MAPS, "label_selector": "own=1"}, LEASES],
        "label_selector": "all=1",
        "resource_version": at,
    }
    async with aclosing(following(api, **asked)) as responses:
        for name, labels in (("a", {"all": "1"}), ("b", {"own": "1"})):
            await api.create(api.make("cm", metadata={"name": name, "labels": labels}))
            await api.create(api.make("leases", metadata={"name": name, "labels": labels}))
        found = [item for _, item in await events(api, responses, 2)]
        assert [(item.kind, item.metadata.name) for item in found] == [
            ("Lease", "a"),
            ("ConfigMap", "b"),
        ]


async def test_metadata_alone(api: Caller) -> None:
    """The rest of the objects is not sent, neither at the beginning nor later."""
    await api.create(api.make("cm", "a", data={"k": "v"}))
    asked = {"kinds": [CONFIG_MAPS], "metadata_only": True}
    async with aclosing(following(api, **asked)) as responses:
        await api.create(api.make("cm", "b", data={"k": "v"}))
        found = [item for _, item in await events(api, responses, 2)]
        assert [(item.metadata.name, dict(item.data)) for item in found] == [("a", {}), ("b", {})]


async def test_ends_by_itself_and_tells_how_far_it_came(api: Caller) -> None:
    """Before the end that was asked for there is a mark, also where nothing was selected."""
    at = await newest(api)
    asked = {"kinds": [LEASES], "resource_version": at, "timeout_seconds": 3}
    async with aclosing(following(api, send_progress=True, **asked)) as responses:
        made = await api.create(api.make("cm", "a"))
        found = [response async for response in responses]
    assert found
    assert not any(response.events for response in found)
    assert found[-1].resource_version == made.metadata.resource_version


@pytest.mark.parametrize(
    ("kinds", "error", "text"),
    [
        ([{"message": "no.such.Message"}], errors.NotFound, "no kind has the message"),
        (
            [{"api_version": "v1", "kind": "Widget"}],
            errors.NotFound,
            'no matches for kind "Widget" in version "v1"',
        ),
        ([CONFIG_MAPS, CONFIG_MAPS], errors.BadRequest, "is named twice"),
        ([{**DEPLOYMENTS, "field_selector": "a=b"}], errors.BadRequest, "not a known field sel"),
    ],
)
async def test_what_cannot_be_followed_is_refused(
    api: Caller, kinds: Sequence[Any], error: type[errors.ApiError], text: str
) -> None:
    """The error names the kind, or what is wrong with its selector."""
    with pytest.raises(error, match=text):
        await anext(following(api, kinds=kinds))


async def test_history_that_is_not_kept_is_expired(serve: Serve) -> None:
    """A forgotten version is Expired: list or watch anew."""
    async with serve(compact_interval=0.02, watch_cache=False) as api:
        at = await newest(api)
        await api.create(api.make("cm", "a"))
        await api.create(api.make("cm", "b"))
        with pytest.raises(errors.Expired, match=r"^too old resource version: "):
            await _until_it_fails(api, at)


async def _until_it_fails(api: Caller, at: str) -> None:
    """Begin watches after ``at`` until one is refused."""
    async with asyncio.timeout(_SECONDS):
        while True:
            await anext(following(api, kinds=[CONFIG_MAPS], resource_version=at))

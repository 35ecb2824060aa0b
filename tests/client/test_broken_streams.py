"""Watches whose stream breaks amid a revision: it comes again, whole, and is given once."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.config_map_service_pb2 import ConfigMapWatchResponse
from protocube.meta.v1 import requests_pb2
from protocube.watch.v1 import watches_pb2
from protocube_client import Client
from tests.client.scripted_server import Abort, Script, answering

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

_PATIENCE = 20.0
_CUT = Abort()


def part(*names: str, version: str = "") -> ConfigMapWatchResponse:
    """Return a part of a revision; the last one has its version."""
    found = ConfigMapWatchResponse(resource_version=version)
    for name in names:
        event = found.events.add(type=requests_pb2.EVENT_TYPE_ADDED)
        event.object.metadata.name = name
    return found


def part_of_many(*names: str, version: str = "", initial: bool = False) -> Any:
    """Return the same of a watch over several kinds."""
    found = watches_pb2.WatchManyResponse(resource_version=version, initial_events_end=initial)
    for name in names:
        event = found.events.add(type=requests_pb2.EVENT_TYPE_ADDED)
        item = ConfigMap(api_version="v1", kind="ConfigMap")
        item.metadata.name = name
        event.object.Pack(item)
    return found


def asked(script: Script) -> list[str]:
    """Return the versions behind which streams were asked for."""
    found = (requests_pb2.WatchRequest.FromString(each) for each in script.asked)
    return [each.resource_version for each in found]


async def read(watch: AsyncGenerator[Any, None], count: int) -> list[Any]:
    """Return the next of a watch."""
    async with asyncio.timeout(_PATIENCE):
        return [await anext(watch) for _ in range(count)]


@pytest.mark.parametrize("end", [[_CUT], []], ids=["with-a-status", "without"])
async def test_a_part_a_cut_and_both_parts(end: list[Any]) -> None:
    """The part that was received before the cut is dropped, and asked for again."""
    script = Script(
        streams=deque(
            [
                [part("a", version="5"), part("b"), *end],
                [part("b"), *end],
                [part("b"), part("c", version="6"), part("d", version="7"), *end],
                [part("e", version="8")],
            ]
        )
    )
    async with (
        answering(script) as address,
        Client(address) as client,
        aclosing(client.watch(ConfigMap, resource_version="4")) as events,
    ):
        found = await read(events, 5)
    assert [event.object.metadata.name for event in found] == ["a", "b", "c", "d", "e"]
    assert asked(script)[:4] == ["4", "5", "5", "7"]


async def test_a_revision_in_parts_of_many_kinds_is_one() -> None:
    """Its parts are joined, and those of a broken stream are not among them."""
    script = Script(
        streams=deque(
            [
                [part_of_many("a"), _CUT],
                [part_of_many("a"), part_of_many("b", version="5", initial=True)],
                [part_of_many("c"), _CUT],
                [part_of_many("c"), part_of_many("d"), part_of_many("e", version="6")],
            ]
        )
    )
    async with (
        answering(script) as address,
        Client(address) as client,
        aclosing(client.watch_all(ConfigMap)) as revisions,
    ):
        found = await read(revisions, 2)
    names = [[event.object.metadata.name for event in each.events] for each in found]
    assert names == [["a", "b"], ["c", "d", "e"]]
    assert [(each.resource_version, each.is_initial) for each in found] == [
        ("5", True),
        ("6", False),
    ]
    many = [watches_pb2.WatchManyRequest.FromString(each) for each in script.asked]
    assert [each.resource_version for each in many[:4]] == ["", "", "5", "5"]
    # The present objects are asked for again until they were given, and not once more.
    assert [each.send_initial_events for each in many[:4]] == [True, True, False, False]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.OUT_OF_RANGE, errors.Expired),
        (grpc.StatusCode.PERMISSION_DENIED, errors.Forbidden),
        (grpc.StatusCode.INVALID_ARGUMENT, errors.BadRequest),
    ],
)
async def test_an_end_that_trying_again_cannot_mend(
    code: grpc.StatusCode, kind: type[errors.ApiError]
) -> None:
    """It is raised behind what was whole; a part that came before it is not given."""
    script = Script(streams=deque([[part("a", version="5"), part("b"), Abort(code=code)]]))
    async with (
        answering(script) as address,
        Client(address) as client,
        aclosing(client.watch(ConfigMap, resource_version="4")) as events,
    ):
        (found,) = await read(events, 1)
        assert found.object.metadata.name == "a"
        with pytest.raises(kind):
            await read(events, 1)
    assert asked(script) == ["4"]


async def test_marks_move_on_where_to_go_on() -> None:
    """A version without events is where the next stream begins, too."""
    script = Script(streams=deque([[part(version="9"), _CUT], [part("a", version="12"), _CUT]]))
    async with (
        answering(script) as address,
        Client(address) as client,
        aclosing(client.watch(ConfigMap, resource_version="4")) as events,
    ):
        (found,) = await read(events, 1)
    assert found.object.metadata.name == "a"
    assert asked(script)[:2] == ["4", "9"]

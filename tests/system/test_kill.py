"""A server that dies amid writes: whatever it acknowledged is there afterwards."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

import grpc.aio
import pytest

from protocube.catalog import Catalog
from protocube.meta.v1 import requests_pb2
from tests import etcd_process
from tests.server_process import started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OBJECTS = 10_000
KILLED_AFTER = 4_000
IN_FLIGHT = 128
CREATE = "/protocube.core.v1.ConfigMaps/Create"
LIST = "/protocube.core.v1.ConfigMaps/List"


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Provide the URL of an empty store of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path}/store.db"
        return
    with etcd_process.running(tmp_path / "etcd") as etcd:
        yield f"etcd://{etcd.endpoint}"


def resource() -> Any:
    """Return the kind that is created here."""
    return Catalog.shipped().find("configmaps")


def requests() -> list[bytes]:
    """Return the creates, each with an id, so that it can be sent again."""
    made = []
    for number in range(OBJECTS):
        request = resource().create_request_class(request_id=str(number))
        request.object.metadata.name = f"cm-{number:05}"
        request.object.data["number"] = str(number)
        made.append(request.SerializeToString())
    return made


async def create(
    address: str, wanted: dict[int, bytes], kill: Callable[[], None] | None = None
) -> dict[int, bytes]:
    """Send the creates, many at once; give the answers that came before the server was gone.

    ``kill`` is called when there are ``KILLED_AFTER`` answers.
    """
    answers: dict[int, bytes] = {}
    left = iter(list(wanted.items()))

    async def work(call: Any) -> None:
        for number, request in left:
            try:
                answers[number] = await call(request)
            except grpc.aio.AioRpcError:
                return
            if kill and len(answers) == KILLED_AFTER:
                kill()

    async with grpc.aio.insecure_channel(address) as channel:
        call: Any = channel.unary_unary(CREATE, None, None)
        await asyncio.gather(*(work(call) for _ in range(IN_FLIGHT)))
    return answers


async def read(address: str) -> dict[str, Any]:
    """Return all objects by name, page by page."""
    found: dict[str, Any] = {}
    token = ""
    async with grpc.aio.insecure_channel(address) as channel:
        call: Any = channel.unary_unary(LIST, None, None)
        while True:
            request = requests_pb2.ListRequest(continue_token=token)
            page = resource().list_class.FromString(await call(request.SerializeToString()))
            found |= {item.metadata.name: item for item in page.items}
            token = page.metadata.continue_token
            if not token:
                return found


@pytest.mark.timeout(120)
async def test_a_killed_server_has_lost_nothing_that_it_acknowledged(store: str) -> None:
    """Amid 10,000 creates the process is killed with SIGKILL and started again on its store.

    Every acknowledged object is there and equal to the answer; what was not
    acknowledged is there as a whole or not at all, and can be sent again: in
    the end each object exists once.
    """
    flags = ("--listen", "127.0.0.1:0", "--store", store)
    wanted = dict(enumerate(requests()))
    async with started(*flags) as first:
        address = await first.ready()
        answers = await create(address, wanted, lambda: first.send(signal.SIGKILL))
    assert KILLED_AFTER <= len(answers) < OBJECTS
    parse = resource().message_class.FromString
    acknowledged = [parse(answer) for answer in answers.values()]

    async with started(*flags) as second:
        address = await second.ready()
        found = await read(address)
        for made in acknowledged:
            assert found[made.metadata.name] == made
        unsure = len(found) - len(acknowledged)
        assert 0 <= unsure <= IN_FLIGHT
        for item in found.values():
            assert item.data["number"] == str(int(item.metadata.name.removeprefix("cm-")))

        rest = {number: wanted[number] for number in wanted if number not in answers}
        again = await create(address, rest)
        assert len(again) == len(rest)
        everything = await read(address)
    assert list(everything) == [f"cm-{number:05}" for number in range(OBJECTS)]
    for name, item in found.items():
        assert everything[name] == item

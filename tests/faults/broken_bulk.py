"""A bulk of creates whose server is killed in the middle, repeated with its request ids.

``scripts/soak --bulk 100000`` on both stores. Afterwards every object is there as the first write
of it made it, and the repeated stream has told so of each.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import grpc.aio

from protocube.bulk.v1 import bulk_pb2
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_client import Client
from tests import etcd_process
from tests.server_process import started

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from protocube.bulk.v1.bulk_pb2 import WriteRequest

METHOD: Final = "/protocube.bulk.v1.Bulk/Write"
BATCH: Final = 500
_SECONDS: Final = 1800.0


class WrongError(AssertionError):
    """What the streams said is not what is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of one write that was made."""

    uid: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run came to."""

    before: int
    """Outcomes that came before the server was killed."""
    made: int
    """Objects that were there when it was started again."""
    total: int
    seconds: float
    """That the repeated stream took."""


def requests(count: int) -> AsyncIterator[bytes]:
    """Return the requests that create ``count`` objects, the same each time."""

    async def each() -> AsyncIterator[bytes]:
        for first in range(0, count, BATCH):
            request: WriteRequest = bulk_pb2.WriteRequest(request_id=f"bulk-{first}")
            for number in range(first, min(count, first + BATCH)):
                made = ConfigMap(data={"number": str(number), "text": "x" * 480})
                made.metadata.name = name_of(number)
                request.writes.add().create.Pack(made)
            yield request.SerializeToString()

    return each()


def name_of(number: int) -> str:
    """Return the name of an object."""
    return f"bulk-{number:07}"


async def stream(
    address: str, count: int, *, until: int = 0, kill: Callable[[], None] | None = None
) -> dict[int, Told]:
    """Return what the outcomes of a stream say; ``kill`` is called behind outcome ``until``.

    Raises :class:`WrongError` for a write that failed.
    """
    told: dict[int, Told] = {}
    async with grpc.aio.insecure_channel(address) as channel:
        method: Any = channel.stream_stream(METHOD, None, None)
        call = method(requests(count), timeout=_SECONDS)
        try:
            async for raw in call:
                response = bulk_pb2.WriteResponse.FromString(raw)
                for number, outcome in enumerate(response.outcomes, response.first):
                    if not outcome.HasField("written"):
                        raise WrongError(f"write {number}: {outcome.failure.message}")
                    written = outcome.written
                    told[number] = Told(uid=written.uid, version=written.resource_version)
                if kill is not None and len(told) >= until:
                    kill()
                    kill = None
        except grpc.aio.AioRpcError:
            if until == 0:
                raise
    return told


async def run(store: str, count: int, *, until: int) -> Ran:
    """Break the bulk behind ``until`` outcomes and repeat it. Raises :class:`WrongError`."""
    flags = ("--listen", "127.0.0.1:0", "--store", store)
    async with started(*flags) as server:
        address = await server.ready()
        first = await stream(address, count, until=until, kill=lambda: server.send(signal.SIGKILL))
        await server.kill()
    if not until <= len(first) < count:
        raise WrongError(f"{len(first)} outcomes of {count}: the server was to die at {until}")
    async with started(*flags) as server:
        address = await server.ready()
        made = await objects(address)
        begun = time.monotonic()
        second = await stream(address, count)
        seconds = time.monotonic() - begun
        found = await objects(address)
    _judge(count, first, second, made, found)
    return Ran(before=len(first), made=len(made), total=len(found), seconds=seconds)


async def objects(address: str) -> dict[str, Told]:
    """Return all ConfigMaps by name."""
    found: dict[str, Told] = {}
    async with Client(address) as client:
        for item in (await client.list(ConfigMap)).items:
            metadata = item.metadata
            if metadata.name in found:
                raise WrongError(f"{metadata.name} is there twice")
            found[metadata.name] = Told(uid=metadata.uid, version=metadata.resource_version)
    return found


def _judge(
    count: int,
    first: dict[int, Told],
    second: dict[int, Told],
    made: dict[str, Told],
    found: dict[str, Told],
) -> None:
    names = {name_of(number) for number in range(count)}
    if set(found) != names:
        raise WrongError(f"{len(names - set(found))} objects are missing")
    for number in range(count):
        name = name_of(number)
        there = found[name]
        if second.get(number) != there:
            raise WrongError(f"{name}: the repeated stream said {second.get(number)}, not {there}")
        for known in (first.get(number), made.get(name)):
            if known is not None and known != there:
                raise WrongError(f"{name} was written again: it was {known}, and is {there}")


def main(arguments: Sequence[str]) -> int:
    """Run on both stores, and print what came of it. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/soak --bulk")
    parser.add_argument("count", type=int, nargs="?", default=100_000)
    count = parser.parse_args(arguments).count
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="protocube-bulk-")))
        etcd = stack.enter_context(etcd_process.running(folder / "etcd"))
        for store in (f"sqlite:{folder / 'store.db'}", f"etcd://{etcd.endpoint}"):
            ran = asyncio.run(run(store, count, until=count // 2))
            sys.stdout.write(
                f"{store.partition(':')[0]}: killed behind {ran.before:,} outcomes, {ran.made:,} "
                f"objects were there; repeated in {ran.seconds:.0f} s: {ran.total:,}, each once\n"
            )
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

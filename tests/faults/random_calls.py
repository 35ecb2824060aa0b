"""Random bytes to all methods of a server, from a seed: ``scripts/soak --random-calls``.

Whatever comes, the answer is an answer, or a refusal that is the caller's: never INTERNAL or
UNKNOWN, and nothing is stored that no other caller can read.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc.aio
from google.protobuf import json_format, message_factory
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from protocube.access.v1 import access_pb2
from protocube.catalog import Catalog, Resource
from protocube.discovery.v1 import discovery_pb2
from protocube.meta.v1 import requests_pb2
from protocube_server import app
from protocube_server.settings import Settings
from tests.faults import random_messages
from tests.server.caller import DETAILS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from google.protobuf.descriptor import ServiceDescriptor

_WORKERS = 8
_SECONDS = 20.0
"""A call that takes longer hangs."""
_STREAM_SECONDS = 0.05
_WRONG = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.DATA_LOSS)
_ENDED = (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED)
_OUR_OWN = "Internal error from Core"
"""What grpc.aio's client says when a deadline comes while it sends; no server has said it."""
_V1 = "grpc.reflection.v1.ServerReflection/ServerReflectionInfo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method of the server, by its full name."""

    name: str
    request: Any
    response: Any
    is_stream: bool
    takes_stream: bool


@dataclass(slots=True, kw_only=True)
class Report:
    """What a run has seen."""

    codes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """A line each: the method, what it said, and the request in hexadecimal."""
    objects: int = 0
    """Objects that were there at the end, each read as JSON."""


def methods(catalog: Catalog) -> list[Method]:
    """Return all methods of a server of these kinds."""
    services = [resource.service_descriptor for resource in catalog.resources]
    for module in (access_pb2, discovery_pb2, health_pb2, reflection_pb2):
        services += module.DESCRIPTOR.services_by_name.values()
    found = [each for service in services for each in _of(service)]
    alpha = next(method for method in found if method.takes_stream)
    return [
        *found,
        Method(
            name=f"/{_V1}",
            request=alpha.request,
            response=alpha.response,
            is_stream=True,
            takes_stream=True,
        ),
    ]


def _of(service: ServiceDescriptor) -> list[Method]:
    return [
        Method(
            name=f"/{service.full_name}/{method.name}",
            request=message_factory.GetMessageClass(method.input_type),
            response=message_factory.GetMessageClass(method.output_type),
            is_stream=method.server_streaming,
            takes_stream=method.client_streaming,
        )
        for method in service.methods
    ]


async def run(address: str, *, seconds: float, seed: int) -> Report:
    """Send random requests for so many seconds, then read all that they have left."""
    catalog, report = Catalog.shipped(), Report()
    every = methods(catalog)
    options = [("grpc.max_receive_message_length", -1)]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        end = asyncio.get_running_loop().time() + seconds
        async with asyncio.TaskGroup() as group:
            for worker in range(_WORKERS):
                source = random.Random(f"{seed}/{worker}")  # no secret
                group.create_task(_send(channel, every, source, report, end))
        await _read_all(channel, catalog, report)
    return report


async def _send(
    channel: Any, every: Sequence[Method], source: random.Random, report: Report, end: float
) -> None:
    while asyncio.get_running_loop().time() < end:
        method = source.choice(every)
        request = _request(method, source)
        code, said = await _called(channel, method, request)
        report.codes[code.name] += 1
        if code in _WRONG or said:
            report.wrong.append(f"{method.name}: {code.name} {said} {request.hex()}")


def _request(method: Method, source: random.Random) -> bytes:
    way = source.random()
    if way < 0.05:
        return source.randbytes(source.randint(0, 64))
    message = random_messages.made(method.request.DESCRIPTOR, source)
    data: bytes = message.SerializeToString()
    return random_messages.spoiled(data, source) if way < 0.25 else data


async def _called(channel: Any, method: Method, request: bytes) -> tuple[grpc.StatusCode, str]:
    """Return the code of a call, and what is wrong with its answer."""
    try:
        if method.takes_stream:

            async def one() -> AsyncIterator[bytes]:
                yield request

            # It ends by itself, behind its one request.
            call = channel.stream_stream(method.name)(one(), timeout=_SECONDS)
            answers = [answer async for answer in call]
        elif method.is_stream:
            call = channel.unary_stream(method.name)(request, timeout=_STREAM_SECONDS)
            answers = []
            with contextlib.suppress(asyncio.CancelledError):
                async for answer in call:
                    answers.append(answer)
        else:
            answers = [await channel.unary_unary(method.name)(request, timeout=_SECONDS)]
    except grpc.aio.AioRpcError as error:
        code, text = error.code(), error.details() or ""
        # A server that answers in time that it is too late (for a version that is to come) says
        # why; gRPC's client does not.
        is_told = any(key == DETAILS for key, _ in error.trailing_metadata() or ())
        is_followed = method.is_stream and not method.takes_stream
        hangs = code in _ENDED and not is_told and not is_followed
        if is_followed and text == _OUR_OWN:
            return grpc.StatusCode.DEADLINE_EXCEEDED, ""
        return code, text if code in _WRONG or hangs else ""
    for answer in answers:
        try:
            message = method.response.FromString(answer)
            if not method.is_stream and not method.name.endswith("/List"):
                json_format.MessageToJson(message)
        except Exception as error:  # noqa: BLE001  # whatever a client meets is a fault
            return grpc.StatusCode.OK, f"the answer cannot be read: {error!r}"
    return grpc.StatusCode.OK, ""


async def _read_all(channel: Any, catalog: Catalog, report: Report) -> None:
    """Read each kind as a list and as a watch, and write it as JSON."""
    for resource in (each for each in catalog.resources if "List" in each.methods):
        try:
            report.objects += await _read(channel, resource)
        except Exception as error:  # noqa: BLE001  # whatever a client meets is a fault
            report.wrong.append(f"{resource.qualified} cannot be read: {error!r}")


async def _read(channel: Any, resource: Resource) -> int:
    """Return how many objects a kind has, all of them read."""
    count, token, request = 0, "", requests_pb2.ListRequest()
    list_, watch = f"/{resource.service}/List", f"/{resource.service}/Watch"
    while True:
        request.continue_token = token
        data = await channel.unary_unary(list_)(request.SerializeToString(), timeout=_SECONDS)
        listed: Any = resource.list_class.FromString(data)
        json_format.MessageToJson(listed)
        count, token = count + len(listed.items), listed.metadata.continue_token
        if not token:
            break
    call = channel.unary_stream(watch)(b"", timeout=_SECONDS)
    resource.watch_response_class.FromString(await call.read())
    call.cancel()
    return count


async def run_alone(folder: Path, *, seconds: float, seed: int) -> Report:
    """As :func:`run`, with a server of its own."""
    settings = Settings(listen="127.0.0.1:0", store=f"sqlite:{folder}/store.db", grace=0.5)
    async with app.running(settings) as running:
        return await run(running.address, seconds=seconds, seed=seed)


def main() -> None:
    """Run, print the counts, and fail when something is wrong."""
    parser = argparse.ArgumentParser(prog="soak --random-calls")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="protocube-random-") as folder:
        report = asyncio.run(
            run_alone(Path(folder), seconds=options.minutes * 60, seed=options.seed)
        )
    counts = ", ".join(f"{name} {count}" for name, count in report.codes.most_common())
    sys.stdout.write(f"seed {options.seed}: {counts}; {report.objects} objects at the end\n")
    sys.stdout.writelines(f"WRONG {line}\n" for line in report.wrong)
    sys.exit(bool(report.wrong))


if __name__ == "__main__":
    main()

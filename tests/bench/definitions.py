"""What kinds that users define cost: to define, to use, and to have."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from protocube import joined_catalog
from protocube.catalog import Catalog
from protocube.definitions.v1 import definition_pb2
from protocube.joined_catalog import Summary
from protocube_server import app
from protocube_server.builtin.functions import SHARED
from protocube_server.definitions import building, entries
from protocube_server.definitions.door import Compiled
from protocube_server.definitions.entries import Entry
from protocube_server.definitions.proto.door import ProtoDoor
from protocube_server.definitions.shelves import Shelves
from protocube_server.kinds.defined import Defined
from protocube_server.kinds.kind import Kind
from protocube_server.settings import Settings
from protocube_server.storage import url as urls
from tests import machines
from tests.bench import rows, subjects
from tests.bench.figures import SQLITE
from tests.bench.step import Setting, Step
from tests.server.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from tests.bench.subjects import Subject

COUNTS: Final = (100, 1000)
_DEFINED: Final = 20
_CREATED: Final = 1000
_TURNS: Final = 5
"""Of the one kind and of the other, so that what else the machine does meets both."""
_WARM: Final = 2
"""Kinds that are used before it is measured what those behind them take."""
_USED: Final = 100


def steps() -> Iterator[Step]:
    """Yield the step."""
    yield Step(row=rows.DEFINITIONS, subjects=(SQLITE,), measure=_measure, loads=False, once=True)


def _measure(setting: Setting, subject: Subject) -> None:
    setting.results.add(rows.DEFINITIONS, subject.name, measured())


def measured(
    counts: tuple[int, ...] = COUNTS, *, defined: int = _DEFINED, created: int = _CREATED
) -> dict[str, float]:
    """Return the figures of the row."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(_used(Path(folder), defined, created))
        alone = _held(Path(folder) / "none", 0)
        for count in counts:
            held = _held(Path(folder) / str(count), count)
            found[f"ready-{count}"] = held.ready - alone.ready
            found[f"memory-{count}"] = held.resident - alone.resident
            if count == counts[0]:
                found |= {"used": held.used, "first": held.first}
    return found


async def _used(folder: Path, defined: int, created: int) -> dict[str, float]:
    """Define kinds on a server in this process, and create objects of one of them."""
    settings = Settings(listen="127.0.0.1:0", store=f"sqlite:{folder}/used.db", grace=0.5)
    shipped = Catalog.shipped()
    async with app.running(settings) as running, Caller(running.address, shipped) as base:
        times = []
        for number in range(defined):
            file, name = _kind(number)
            definition = base.make("definitions", name)
            definition.spec.files.add(file_descriptor=file.SerializeToString())
            begun = time.perf_counter()
            await base.create(definition)
            times.append(time.perf_counter() - begun)
        file, _ = _kind(0)
        async with Caller(running.address, machines.catalog(file)) as caller:
            shares = []
            for turn in range(_TURNS):
                own = await _cpu(caller, "machines", f"m{turn}", created // _TURNS)
                built_in = await _cpu(caller, "configmaps", f"c{turn}", created // _TURNS)
                shares.append(own / built_in)
    return {"define": statistics.median(times) * 1000, "create": statistics.median(shares)}


async def _cpu(caller: Caller, word: str, name: str, created: int) -> float:
    """Return seconds of CPU, both ends together, of creating objects one after the other."""
    await caller.create(caller.make(word, name))
    begun = time.process_time()
    for number in range(created):
        await caller.create(caller.make(word, f"{name}-{number}"))
    return time.process_time() - begun


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A server with kinds that were defined before it was started."""

    ready: float
    """After so many seconds."""
    resident: float
    """Megabytes when it is ready."""
    used: float = 0.0
    """Megabytes more for each kind that has an object."""
    first: float = 0.0
    """Milliseconds of the first create of a kind, at which it is compiled."""


def _held(folder: Path, count: int) -> _Held:
    """Start a server with so many kinds, and use the first of them."""
    folder.mkdir()
    asyncio.run(_fill(folder, count))
    with subjects.opened(SQLITE, folder) as served:
        ready, resident = served.ready, served.resident()
        if not count:
            return _Held(ready=ready, resident=resident)
        asyncio.run(_use(served.address, range(_WARM)))
        before = served.resident()
        kinds = range(_WARM, min(count, _USED))
        times = asyncio.run(_use(served.address, kinds))
        used = (served.resident() - before) / len(kinds)
        first = statistics.median(times) * 1000
        return _Held(ready=ready, resident=resident, used=used, first=first)


async def _use(address: str, numbers: Iterable[int]) -> list[float]:
    """Create an object of each kind, and return how many seconds each create took."""
    shipped = Catalog.shipped()
    times = []
    for number in numbers:
        file, _ = _kind(number)
        async with Caller(address, joined_catalog.part(shipped, [file])) as caller:
            await caller.channel.channel_ready()
            made = caller.make("machines", "m")
            begun = time.perf_counter()
            await caller.create(made)
            times.append(time.perf_counter() - begun)
    return times


async def _fill(folder: Path, count: int) -> None:
    """Put definitions and their entries into a store, as servers would have."""
    opened = await urls.open_store(f"sqlite:{folder / 'store.db'}")
    shipped, prefix = Catalog.shipped(), opened.prefix
    shelves = Shelves(shipped)
    door = ProtoDoor(shipped)
    resource = shipped.for_message(door.message)
    assert resource is not None
    kind = Kind(resource, prefix)
    for number in range(count):
        file, name = _kind(number)
        definition = definition_pb2.Definition(api_version=resource.api_version, kind=resource.kind)
        definition.metadata.name = name
        definition.spec.files.add(file_descriptor=file.SerializeToString())
        key = entries.key(prefix, name)
        compiled = Compiled(files=(file,), packages=(file.package,))
        part = building.build(shelves, compiled, SHARED, Defined(name=name, entry=key))
        entry = Entry(
            message=door.message,
            digest=building.digest(definition, b""),
            words=part.words,
            kinds=tuple(map(Summary.of, part.resources)),
        )
        await opened.store.create(kind.key("", name), kind.encode(definition))
        await opened.store.create(key, entry.value())
    await opened.store.close()


def _kind(number: int) -> tuple[FileDescriptorProto, str]:
    """Return the file of a kind of its own, and what its definition is called."""
    group = f"g{number}.example.com"
    file = machines.file(
        (
            'name: "example/v1/machine.proto" package: "example.v1"',
            f'name: "example{number}/v1/machine.proto" package: "example{number}.v1"',
        ),
        (".example.v1.", f".example{number}.v1."),
        ('group: "example.com"', f'group: "{group}"'),
        ('short_names: "ma"', ""),
    )
    return file, f"machines.{group}"

"""What definitions promise, at full size: ``scripts/soak --definitions``.

Defining on one server and creating on the other, creates beside breaking changes, the end of a
kind with many objects, and changes without an end. It prints a figure of each, and fails on the
first that is not as promised.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import statistics
import sys
import tempfile
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any

from protocube import errors
from protocube_server import app
from protocube_server.settings import Settings
from tests import etcd_process, machines
from tests.definitions.defining import NAME, Definer

_PAGE = 4096
_IN_FLIGHT = 64
_LATEST = 40
"""Calls after which a create is made at the latest."""
_SETTLED = 0.2
"""The part of all changes after which memory is to grow no more."""
_GONE = (
    (
        'name: "size" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL',
        'name: "volume" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL',
    ),
)


async def main(options: argparse.Namespace) -> None:
    """Run all parts. Raises on what is not as promised."""
    with tempfile.TemporaryDirectory() as folder:
        _tell(f"two servers, {options.rounds} rounds of define and create")
        _tell(await _two_servers(Path(folder) / "etcd", options.rounds))
        for number, (title, part, count) in enumerate(
            (
                ("creates beside breaking changes", _races, options.races),
                ("the end of a kind and its objects", _end, options.objects),
                ("changes of one definition", _changes, options.changes),
            )
        ):
            _tell(f"{title}: {count}")
            store = f"sqlite:{folder}/{number}.db"
            settings = Settings(listen="127.0.0.1:0", store=store, grace=0.5)
            async with app.running(settings) as running, Definer(running.address) as definer:
                _tell(await part(definer, count))


async def _two_servers(folder: Path, rounds: int) -> str:
    """Create on one server what the other has defined just now; nothing is tried again."""
    took = []
    async with contextlib.AsyncExitStack() as stack:
        etcd = stack.enter_context(etcd_process.running(folder))
        settings = Settings(listen="127.0.0.1:0", store=f"etcd://{etcd.endpoint}", grace=0.5)
        servers = [await stack.enter_async_context(app.running(settings)) for _ in range(2)]
        one, other = [await stack.enter_async_context(Definer(each.address)) for each in servers]
        caller = await other.knowing()
        for number in range(rounds):
            begun = time.perf_counter()
            await one.define()
            await caller.create(caller.make("machines", f"m{number}"))
            took.append(time.perf_counter() - begun)
            await one.base.delete("definitions", NAME)
            await one.base.until_gone("definitions", NAME)
    return f"define to created: median {_ms(statistics.median(took))}, most {_ms(max(took))}"


async def _races(definer: Definer, count: int) -> str:
    """Create beside a change that no object survives: one is first, and the other one sees it."""
    await definer.define()
    caller = await definer.knowing()
    changes = 0
    await definer.base.create(definer.base.make("configmaps", "other"))

    async def later(number: int) -> Any:
        for _ in range(number % _LATEST):
            await definer.base.get("configmaps", "other")
        return await caller.create(caller.make("machines", f"m{number}"))

    for number in range(count):
        outcomes: Any = await asyncio.gather(
            later(number),
            definer.redefine(machines.file(*_GONE)),
            return_exceptions=True,
        )
        created, changed = outcomes
        stored = list((await caller.list("machines")).items)
        if isinstance(changed, BaseException):
            _require(isinstance(changed, errors.Invalid | errors.Conflict), changed)
            _require(stored and stored[0].spec.size == "small", outcomes)
        else:
            changes += 1
            _require(all(not item.spec.size for item in stored), outcomes)
            _require(isinstance(created, errors.BadRequest) or not created.spec.size, outcomes)
        await caller.delete_collection("machines")
        await definer.redefine(machines.file())
    return f"{changes} changes were first, {count - changes} creates were"


async def _end(definer: Definer, count: int) -> str:
    """Delete a kind with its objects, which a watch sees go, beside calls of another kind."""
    await definer.define()
    caller = await definer.knowing()
    for begin in range(0, count, _IN_FLIGHT):
        numbers = range(begin, min(begin + _IN_FLIGHT, count))
        await asyncio.gather(*(caller.create(caller.make("machines", f"m{n}")) for n in numbers))
    await definer.base.create(definer.base.make("configmaps", "other"))
    beside: list[float] = []
    calling = asyncio.create_task(_call(definer, beside))
    deleted = seen = 0
    begun = time.perf_counter()
    async with aclosing(caller.watch("machines")) as responses:
        while seen < count:
            seen += len((await anext(responses)).events)
        await definer.base.delete("definitions", NAME)
        while deleted < count:
            deleted += len((await anext(responses)).events)
        try:
            await anext(responses)
            _require(False, "the watch goes on")
        except errors.NotFound:
            pass
    await definer.base.until_gone("definitions", NAME)
    took = time.perf_counter() - begun
    calling.cancel()
    await asyncio.wait({calling})
    ranked = sorted(beside)
    p99 = ranked[int(len(ranked) * 0.99)]
    return (
        f"gone after {took:.1f} s, {deleted} deletions seen; {len(beside)} gets of another kind "
        f"beside them: median {_ms(statistics.median(ranked))}, p99 {_ms(p99)}"
    )


async def _call(definer: Definer, beside: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        await definer.base.get("configmaps", "other")
        beside.append(time.perf_counter() - begun)


async def _changes(definer: Definer, count: int) -> str:
    """Change one definition again and again, and use it: memory grows no more after a while."""
    await definer.define()
    caller = await definer.knowing()
    settled = 0
    begun = time.perf_counter()
    for number in range(count):
        if number == int(count * _SETTLED):
            settled = _memory()
        await definer.redefine(machines.of_sizes(["small", f"s{number % 7}"]))
        if not number % 10:
            await caller.create(caller.make("machines", f"m{number}"))
            await caller.delete("machines", f"m{number}")
    grown = (_memory() - settled) / 1e6
    each = (time.perf_counter() - begun) / count
    return f"{_ms(each)} each; {grown:.1f} MB more after the first {int(count * _SETTLED)}"


def _memory() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _require(holds: object, what: object) -> None:  # a condition
    if not holds:
        raise SystemExit(f"not as promised: {what}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="soak --definitions", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--races", type=int, default=1000)
    parser.add_argument("--objects", type=int, default=5000)
    parser.add_argument("--changes", type=int, default=10_000)
    logging.disable(logging.CRITICAL)
    asyncio.run(main(parser.parse_args()))

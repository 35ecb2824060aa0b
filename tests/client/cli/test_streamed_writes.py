"""Commands that write thousands of objects: one stream, where the server has it."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.url import open_store
from protocube_server.verbs.bulk.gathering import GatheringStore
from tests.bare_server import api_over, served
from tests.client.cli.test_busy_server import ended, start
from tests.client.cli.test_many import _MEASURED, create, manifest
from tests.client.cli.test_process import environ
from tests.client.older_server import without_streams
from tests.relay import Relay
from tests.server_process import started

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from protocube_server.storage.base import Outcome, Write
    from tests.client.command_line import CommandLine

_STREAM = "/protocube.bulk.v1.Bulk/Write"
_COUNT = 200


def documents(namespace: str, *, data: str = "a", count: int = _COUNT) -> list[str]:
    """Return ConfigMaps of a namespace."""
    more = f"data: {{k: {data}}}\n"
    return [manifest(f"n{number}", namespace, more=more) for number in range(count)]


def calls(log: str) -> dict[str, int]:
    """Return how often each method was called, as ``-v=6`` tells it."""
    found: dict[str, int] = {}
    for method in re.findall(r"calls\] (/\S+) ", log):
        found[method] = found.get(method, 0) + 1
    return found


@pytest.mark.parametrize(
    ("command", "method", "line"),
    [
        (("create",), "Create", "configmap/{} created"),
        (("apply",), "Patch", "configmap/{} configured"),
        (
            ("apply", "--server-side", "--force-conflicts"),
            "Apply",
            "configmap/{} serverside-applied",
        ),
        (("replace",), "Update", "configmap/{} replaced"),
        (("delete",), "Delete", 'configmap "{}" deleted'),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_most_writes_take_one_stream(
    cubectl: CommandLine, namespace: str, command: Sequence[str], method: str, line: str
) -> None:
    """Each is told in its place, and is what a call of its own would have made."""
    if command[0] != "create":
        # As one applied it whose apply is no migration.
        made = cubectl("apply", "-f", "-", stdin="".join(documents(namespace)).encode())
        assert made.code == 0, made.err
    text = "".join(documents(namespace, data="b")).encode()
    done = cubectl(*command, "-f", "-", "-v=6", stdin=text)
    assert done.code == 0, done.err
    assert [each for each in done.out.splitlines() if not each.startswith("  ")] == [
        line.format(f"n{number}") for number in range(_COUNT)
    ]
    made_alone = calls(done.err).get(f"/protocube.core.v1.ConfigMaps/{method}", 0)
    assert calls(done.err)[_STREAM] == 1
    assert made_alone < _COUNT // 2
    left = cubectl("get", "cm", "-n", namespace, "-o", "jsonpath={.items[*].data.k}")
    assert left.out.split() == ([] if command[0] == "delete" else ["b"] * _COUNT)


def test_a_few_writes_need_no_stream(cubectl: CommandLine, namespace: str) -> None:
    """It would cost more than it saves; nor does a command whose calls have a time limit."""
    few = create(cubectl, documents(namespace, count=8), "-v=6")
    assert few.code == 0
    assert calls(few.err) == {"/protocube.core.v1.ConfigMaps/Create": 8}
    text = "".join(documents(namespace)).encode()
    limited = cubectl("apply", "-f", "-", "--request-timeout=1m", "-v=6", stdin=text)
    assert limited.code == 0
    assert _STREAM not in calls(limited.err)


async def test_a_server_without_streams_is_called_for_each(tmp_path: Path) -> None:
    """An older server takes them one by one, and the result is the same."""
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(
            started("--listen", "127.0.0.1:0", "--store", f"sqlite:{tmp_path}/store.db")
        )
        older = await stack.enter_async_context(without_streams(await process.ready()))
        code, out, err = await ended(
            await start(older, "create", "-f", "-"), "".join(documents("default"))
        )
        assert (code, err) == (0, "")
        assert out.splitlines() == [f"configmap/n{number} created" for number in range(_COUNT)]
        code, out, err = await ended(
            await start(older, "create", "--atomic", "-f", "-"), manifest("a", "default")
        )
        assert (code, out) == (1, "")
        assert err == "error: the server is too old for --atomic\n"


class _OneByOne(GatheringStore):
    """A store that takes one write at a time, as kine does: it can do no request once."""

    async def write(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """Refuse several."""
        if len(batch) > 1:
            raise errors.MethodNotSupported("one write at a time")
        return await self.inner.write(batch)


async def test_a_store_that_does_no_request_once_is_written_to_one_by_one(tmp_path: Path) -> None:
    """A stream could not be taken up again there."""
    async with AsyncExitStack() as stack:
        opened = await open_store(f"sqlite:{tmp_path}/store.db")
        stack.push_async_callback(opened.store.close)
        store = _OneByOne(opened.store)
        server = await stack.enter_async_context(served(await api_over(store)))
        code, out, err = await ended(
            await start(server.address, "create", "-f", "-"), "".join(documents("default"))
        )
        assert (code, err) == (0, "")
        assert out.splitlines() == [f"configmap/n{number} created" for number in range(_COUNT)]


async def test_a_server_that_is_killed_loses_and_repeats_nothing(tmp_path: Path) -> None:
    """Every object is there once and has its line, whatever was on its way."""
    store, count = f"sqlite:{tmp_path}/store.db", 3000
    document = "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: g-}\n---\n"
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(120))
        first = await stack.enter_async_context(
            started("--listen", "127.0.0.1:0", "--store", store)
        )
        relay = await stack.enter_async_context(Relay(await first.ready()))
        running = await start(relay.address, "create", "-f", "-")
        assert running.stdin is not None
        assert running.stdout is not None
        half = (document * (count // 2)).encode()
        running.stdin.write(half)
        told = [await running.stdout.readline() for _ in range(300)]
        await first.kill()
        second = await stack.enter_async_context(
            started("--listen", "127.0.0.1:0", "--store", store)
        )
        address = await second.ready()
        relay.aim(address)
        code, out, err = await ended(running, document * (count // 2))
        assert (code, err) == (0, "")
        lines = [*(line.decode().rstrip() for line in told), *out.splitlines()]
        assert len(lines) == count
        _, listed, _ = await ended(await start(address, "get", "cm", "-o", "name"))
        assert sorted(line.split()[0] for line in lines) == sorted(listed.split())


def test_memory_does_not_grow_with_what_is_streamed(
    server: str, namespace: str, tmp_path: Path
) -> None:
    """Thousands of documents take little more than some do, in an apply, too."""
    for command in ("create", "apply"):
        peaks = []
        for count in (300, 3000):
            file = tmp_path / f"{command}-{count}.yaml"
            names = (f"{command}-{count}-{number}" for number in range(count))
            file.write_text("".join(manifest(name, namespace) for name in names))
            done = subprocess.run(
                [sys.executable, "-c", _MEASURED, command, "-f", str(file)],
                capture_output=True,
                text=True,
                check=True,
                env=environ(server),
            )
            assert len(done.stdout.splitlines()) == count
            peaks.append(int(done.stderr))
        assert peaks[1] - peaks[0] < 10 * 1024, command


async def test_an_interrupt_names_what_is_not_known(tmp_path: Path) -> None:
    """What was sent and not answered is neither claimed nor passed over in silence."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(120))
        process = await stack.enter_async_context(
            started("--listen", "127.0.0.1:0", "--store", f"sqlite:{tmp_path}/store.db")
        )
        address = await process.ready()
        relay = await stack.enter_async_context(Relay(address))
        file = tmp_path / "many.yaml"
        file.write_text("".join(documents("default", count=5000)))
        running = await start(relay.address, "create", "-f", str(file))
        assert running.stdout is not None
        told = [(await running.stdout.readline()).decode() for _ in range(100)]
        relay.hold_answers()
        await relay.asked.wait()
        running.send_signal(signal.SIGINT)
        code, out, err = await ended(running)
        assert code == 130
        done = {line.split()[0] for line in [*told, *out.splitlines()]}
        why = "interrupted before the answer came: whether it is done is not known"
        assert all(line.endswith(why) for line in err.splitlines()), err
        assert err.count(str(file)) == len(err.splitlines()) > 0
        _, listed, _ = await ended(await start(address, "get", "cm", "-o", "name"))
        there = set(listed.split())
        assert done <= there
        assert len(there - done) <= len(err.splitlines())


@pytest.mark.parametrize("answers", [True, False], ids=["answered", "silent"])
async def test_an_interrupt_tells_what_came_of_all_or_nothing(
    tmp_path: Path, *, answers: bool
) -> None:
    """The server is asked already: its answer is waited for, and if none comes, that is said."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(120))
        process = await stack.enter_async_context(
            started("--listen", "127.0.0.1:0", "--store", f"sqlite:{tmp_path}/store.db")
        )
        address = await process.ready()
        relay = await stack.enter_async_context(Relay(address))
        file = tmp_path / "some.yaml"
        file.write_text("".join(documents("default", count=50)))
        relay.hold_answers_after(b"protocube.core.v1.ConfigMaps/Create")
        running = await start(relay.address, "create", "--atomic", "-f", str(file))
        await relay.asked.wait()
        running.send_signal(signal.SIGINT)
        if answers:
            # What was held back is lost: the client sends its request again.
            relay.give_answers()
            relay.cut()
        code, out, err = await ended(running)
        assert code == 130
        if answers:
            assert (len(out.splitlines()), err) == (50, "")
        else:
            why = "error: interrupted: whether the objects are created is not known\n"
            assert (out, err) == ("", why)

"""ghz with nothing but an address, and the examples that go with it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client import Client
from tests.server_process import started
from tests.tools.go_tools import ROOT, run, tool

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

pytestmark = pytest.mark.timeout(600)

EXAMPLES = sorted((ROOT / "examples" / "ghz").glob("*.json"))
_CALLS = 20


def shorten(example: Path, file: Path) -> None:
    """Write an example with a few calls: they show whether it works."""
    config: dict[str, Any] = json.loads(example.read_text())
    for key in [key for key in config if key.startswith(("load-", "duration"))]:
        del config[key]
    config |= {"total": _CALLS, "concurrency": _CALLS, "connections": 2}
    if "timeout" in config:
        config["timeout"] = "500ms"
    file.write_text(json.dumps(config))


async def report(*words: str) -> Any:
    """Run ghz and give its report."""
    done = await run(await tool("ghz"), *words, "--format", "json")
    assert done.code == 0, done.text
    return json.loads(done.text)


@pytest.fixture
async def address(tmp_path: Path) -> AsyncGenerator[str, None]:
    """Provide the address of a server that holds what the examples read."""
    flags = ("--listen", "127.0.0.1:0", "--store", f"sqlite:{tmp_path}/store.db")
    async with started(*flags) as process:
        server = await process.ready()
        async with Client(server) as client:
            await client.create(ConfigMap(metadata=ObjectMeta(name="load-target")))
        yield server


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
async def test_the_examples_run(address: str, example: Path, tmp_path: Path) -> None:
    """Every example is accepted, and every call of it succeeds."""
    file = tmp_path / example.name
    await asyncio.to_thread(shorten, example, file)
    told = await report("--config", str(file), address)
    # A watch goes on until its time is up.
    ended = "DeadlineExceeded" if example.stem == "watch" else "OK"
    assert told["statusCodeDistribution"] == {ended: _CALLS}, told


async def test_a_call_needs_no_file(address: str) -> None:
    """A template on the command line makes objects of names of their own."""
    template = '{"object": {"metadata": {"name": "load-{{newUUID}}", "labels": {"by": "ghz"}}}}'
    call = ("--call", "protocube.core.v1.ConfigMaps/Create", "-d", template)
    told = await report("--insecure", *call, "-n", "50", "-c", "5", address)
    assert told["statusCodeDistribution"] == {"OK": 50}, told
    async with Client(address) as client:
        made = await client.list(ConfigMap, label_selector="by=ghz")
    assert len({item.metadata.name for item in made.items}) == 50

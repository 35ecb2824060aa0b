"""grpcurl and ghz with nothing but an address: reflection gives them all they need."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.server_process import started

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples" / "ghz").glob("*.json"))


async def output(*command: str) -> tuple[int, str]:
    """Run a command and give its exit code and all that it printed."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


async def tool(name: str) -> str:
    """Give the path of a tool, built by the script where Go is; skip where it cannot be."""
    found = shutil.which(name)
    if found:
        return found
    if shutil.which("go"):
        code, printed = await output(str(ROOT / "scripts" / "install-go-tools"), name)
        assert code == 0, printed
        return str(ROOT / ".cache" / "go" / "bin" / name)
    reason = f"no {name} and no go on PATH to build it with"
    if "go" in os.environ.get("PROTOCUBE_TEST_REQUIRE", "").split():
        pytest.fail(reason)
    pytest.skip(reason)


def shorten(example: Path, file: Path) -> None:
    """Write an example with a few calls: they show whether it works."""
    config: dict[str, Any] = json.loads(example.read_text())
    for key in [key for key in config if key.startswith(("load-", "duration"))]:
        del config[key]
    config |= {"total": 20, "concurrency": 20, "connections": 2}
    if "timeout" in config:
        config["timeout"] = "500ms"
    file.write_text(json.dumps(config))


@pytest.fixture
async def address(tmp_path: Path) -> AsyncGenerator[str, None]:
    """Give the address of an empty server."""
    flags = ("--listen", "127.0.0.1:0", "--store", f"sqlite:{tmp_path}/store.db")
    async with started(*flags) as process:
        yield await process.ready()


@pytest.mark.timeout(600)
async def test_grpcurl_lists_describes_and_calls(address: str) -> None:
    """Services, options and health are there, and error details are shown by their names."""
    grpcurl = await tool("grpcurl")

    async def ask(*words: str, data: str = "") -> str:
        given = ("-d", data) if data else ()
        return (await output(grpcurl, "-plaintext", *given, address, *words))[1]

    assert "protocube.core.v1.Pods\n" in await ask("list")
    described = await ask("describe", "protocube.core.v1.Pod")
    assert ".protocube.api.v1.resource) = {" in described
    assert "SERVING" in await ask("grpc.health.v1.Health/Check")
    pods = "protocube.core.v1.Pods/Create"
    refused = await ask(pods, data='{"object": {"metadata": {"name": "x"}}}')
    assert '"@type": "type.googleapis.com/google.rpc.BadRequest"' in refused
    assert '"field": "spec' in refused
    made = await ask(
        "protocube.core.v1.ConfigMaps/Create", data='{"object": {"metadata": {"name": "web"}}}'
    )
    assert json.loads(made)["metadata"]["name"] == "web"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
async def test_the_examples_run_in_ghz(address: str, example: Path, tmp_path: Path) -> None:
    """Every example is accepted, and every call of it succeeds."""
    ghz, grpcurl = await tool("ghz"), await tool("grpcurl")
    target = '{"object": {"metadata": {"name": "load-target"}}}'
    create = "protocube.core.v1.ConfigMaps/Create"
    await output(grpcurl, "-plaintext", "-d", target, address, create)
    file = tmp_path / example.name
    await asyncio.to_thread(shorten, example, file)
    code, printed = await output(ghz, "--config", str(file), "--format", "json", address)
    assert code == 0, printed
    report = json.loads(printed)
    # A watch goes on until its time is up.
    ended = "DeadlineExceeded" if example.stem == "watch" else "OK"
    assert report["statusCodeDistribution"] == {ended: 20}, report

"""The programs of examples/fleet: clients of a kind of one's own, beside a server."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests import etcd_process, toolchains
from tests.server_process import started

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
FLEET = ROOT / "examples" / "fleet"
_SECONDS = 300
_MACHINE = (
    "{apiVersion: fleet.example.com/v1, kind: Machine, metadata: {name: NAME}, spec: {rack: r}}"
)


async def _run(
    *words: str, folder: Path, given: str = "", environment: Mapping[str, str] | None = None
) -> str:
    process = await asyncio.create_subprocess_exec(
        *words,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(_SECONDS):
        printed, _ = await process.communicate(given.encode())
    assert process.returncode == 0, f"{' '.join(words)}: {printed.decode()}"
    return printed.decode()


async def _cubectl(server: str, *words: str, folder: Path, given: str = "") -> str:
    cubectl = str(Path(sys.executable).with_name("cubectl"))
    environment = {"HOME": str(folder), "PATH": _path()}
    return await _run(
        cubectl, "--server", server, *words, folder=folder, given=given, environment=environment
    )


def _path() -> str:
    """Return PATH with Go's plugins of protoc, as scripts/install-go-tools puts them."""
    return os.pathsep.join([str(ROOT / ".cache" / "go" / "bin"), os.environ["PATH"]])


async def test_a_go_program_orders_a_machine(tmp_path: Path) -> None:
    """With stubs of the server's kind it meets a status, a conflict, a violation and events."""
    toolchains.need("go")
    await _run(
        str(ROOT / "scripts" / "install-go-tools"),
        *("protoc-gen-go", "protoc-gen-go-grpc"),
        folder=tmp_path,
    )
    shutil.copy(FLEET / "go" / "main.go", tmp_path)
    # The versions that are tested here; the example's own go.mod leaves them to `go mod tidy`.
    for name in ("go.mod", "go.sum"):
        shutil.copy(ROOT / "tests" / "clients" / "go" / name, tmp_path)
    await _run("go", "mod", "edit", "-module", "example.com/fleet", folder=tmp_path)
    async with started("--listen", "127.0.0.1:0", "--store", "sqlite::memory:") as process:
        server = await process.ready()
        definition = str(FLEET / "machine.proto")
        await _cubectl(server, "create", "-f", definition, folder=tmp_path)
        await _cubectl(server, "stubs", "go", "gen", folder=tmp_path)
        said = await _run("go", "run", "-mod=readonly", ".", server, folder=tmp_path)
    said = re.sub(r"ordered-\w{5}", "ordered-NAME", said)
    assert said == (
        "there are 0\n"
        "ordered ordered-NAME\n"
        "stale update: Aborted\n"
        "no cores: InvalidArgument\n"
        "  spec.cores: Invalid value: 0: must be greater than or equal to 1 and less "
        "than or equal to 1024\n"
        'event EVENT_TYPE_ADDED ""\n'
        'event EVENT_TYPE_MODIFIED "Booting"\n'
        "the watch ended: Canceled\n"
    )


async def test_a_controller_goes_on_behind_a_restart(tmp_path: Path) -> None:
    """What is made before and after its server was killed is started, each machine once."""
    port, _ = etcd_process.free_ports()
    flags = ("--listen", f"127.0.0.1:{port}", "--store", f"sqlite:{tmp_path}/store.db")
    async with started(*flags) as first:
        server = await first.ready()
        image = str(FLEET / "machine.binpb")
        await _cubectl(server, "create", "-f", image, folder=tmp_path)
        controller = await asyncio.create_subprocess_exec(
            *(sys.executable, str(FLEET / "controller.py"), server),
            stdout=asyncio.subprocess.PIPE,
        )
        assert controller.stdout is not None
        try:
            async with asyncio.timeout(_SECONDS):
                await _make(server, "before", tmp_path)
                told = await controller.stdout.readline()
                assert told == b"default/before is running with 2 cores\n"
                await first.kill()
                async with started(*flags) as second:
                    await second.ready()
                    await _make(server, "after", tmp_path)
                    told = await controller.stdout.readline()
                    assert told == b"default/after is running with 2 cores\n"
                    listed = await _cubectl(server, "get", "machines", folder=tmp_path)
            assert len(re.findall("Running", listed)) == 2, listed
        finally:
            controller.kill()
            await controller.wait()


async def _make(server: str, name: str, folder: Path) -> None:
    text = _MACHINE.replace("NAME", name)
    await _cubectl(server, "create", "-f", "-", folder=folder, given=text)

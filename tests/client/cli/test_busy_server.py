"""Every command waits for a server without room as the server asks, and then does its work."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from tests.client.busy_server import busy
from tests.client.cli.test_process import CUBECTL, environ

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from tests.client.command_line import CommandLine

PATIENCE = 60
"""Seconds after which a command that does not end has failed the test."""
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
REFUSED = "too many calls in flight: the limit is 1 (--max-calls); try again later"


async def start(server: str, *args: str) -> Process:
    """Start ``cubectl ARGS`` against ``server``."""
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *CUBECTL, *args, stdin=pipe, stdout=pipe, stderr=pipe, env=environ(server)
    )


async def ended(process: Process, stdin: str = "") -> tuple[int | None, str, str]:
    """Return the exit code, and what was printed to both streams."""
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate(stdin.encode())
    return process.returncode, out.decode(), err.decode()


@pytest.fixture
def filled(cubectl: CommandLine, namespace: str) -> str:
    """Return a namespace with a ConfigMap ``there``."""
    done = cubectl(
        "create", "-f", "-", stdin=MANIFEST.format(name="there", namespace=namespace).encode()
    )
    assert done.code == 0, done.err
    return namespace


@pytest.mark.parametrize(
    ("args", "method", "line"),
    [
        ("create -f - -n {}", "ConfigMaps/Create", "configmap/new created"),
        ("create configmap made -n {}", "ConfigMaps/Create", "configmap/made created"),
        ("get cm there -o name -n {}", "ConfigMaps/Get", "configmap/there"),
        ("get cm -o name -n {}", "ConfigMaps/List", "configmap/there"),
        ("delete cm there -n {}", "ConfigMaps/Delete", 'configmap "there" deleted'),
        ("delete cm --all -n {}", "ConfigMaps/List", 'configmap "there" deleted'),
        ("api-resources -o name --api-group=batch", "Discovery/ListResources", "cronjobs.batch"),
        ("version", "Discovery/GetServerInfo", "Server Version: v"),
    ],
)
async def test_every_command_waits(
    server: str, filled: str, args: str, method: str, line: str
) -> None:
    """Its first call is refused and sent again after the delay; the user sees the result alone."""
    async with busy(server) as full:
        process = await start(full.address, *args.format(filled).split())
        code, out, err = await ended(process, MANIFEST.format(name="new", namespace=filled))
        assert [refused.rpartition(".")[2] for refused in full.refused] == [method]
    assert (code, err) == (0, "")
    assert line in out


async def test_a_kind_that_must_be_asked_for_is_waited_for(server: str) -> None:
    """A server without room may know the kind: it is asked until it tells."""
    async with busy(server) as full:
        code, _, err = await ended(await start(full.address, "get", "widgets"))
        discovery = "/protocube.discovery.v1.Discovery"
        assert full.refused == [f"{discovery}/ListResources"]
        assert full.passed == [*full.refused, f"{discovery}/GetDescriptors"]
    assert (code, err) == (1, 'error: the server doesn\'t have a resource type "widgets"\n')


@pytest.mark.parametrize("command", ["get cm x", "delete cm x", "version", "create configmap x"])
async def test_a_command_waits_no_longer_than_a_request_may_take(server: str, command: str) -> None:
    """The delay would not end within ``--request-timeout``: the refusal is printed at once."""
    async with busy(server, refusals=0) as full:
        process = await start(full.address, *command.split(), "--request-timeout=900ms")
        code, _, err = await ended(process)
        assert len(full.refused) == 1
    assert (code, REFUSED in err) == (1, True)


@pytest.mark.parametrize("command", ["get cm x", "delete cm x", "create -f -"])
async def test_a_command_that_waits_can_be_interrupted(server: str, command: str) -> None:
    """Ctrl-C ends it with exit code 130; there is nothing to tell."""
    async with busy(server, refusals=0) as full:
        process = await start(full.address, *command.split())
        assert process.stdin is not None
        process.stdin.write(MANIFEST.format(name="x", namespace="default").encode())
        process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            await full.refusal.wait()
        process.send_signal(signal.SIGINT)
        code, out, err = await ended(process)
    assert (code, out, err) == (130, "", "")

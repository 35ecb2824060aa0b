"""``cubectl scale``: what the recorded scenarios do not show."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protocube.apps.v1.deployment_pb2 import Deployment
from protocube.catalog import Catalog
from protocube_client import Client
from protocube_client.cli.commands.scale import waiting
from protocube_client.cli.failures import CommandError
from protocube_client.cli.objects import Chosen

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine

REPLICAS = "-o=jsonpath={.spec.replicas}"


@pytest.fixture
def web(cubectl: CommandLine, namespace: str) -> tuple[str, ...]:
    """Provide the arguments that name a Deployment of one replica."""
    done = cubectl("-n", namespace, "create", "deployment", "web", "--image=web:1")
    assert done.code == 0, done.err
    return ("-n", namespace, "deployment", "web")


def test_a_condition_that_holds_is_none(cubectl: CommandLine, web: tuple[str, ...]) -> None:
    """The version that was read, and the number that there is."""
    version = cubectl("get", *web, "-o=jsonpath={.metadata.resourceVersion}").out
    done = cubectl(
        "scale", *web, "--replicas=2", f"--resource-version={version}", "--current-replicas=1"
    )
    assert (done.out, done.err) == ("deployment.apps/web scaled\n", "")
    assert cubectl("get", *web, REPLICAS).out == "2"


@pytest.mark.parametrize("mode", ["client", "server"])
def test_a_dry_run_scales_nothing(cubectl: CommandLine, web: tuple[str, ...], mode: str) -> None:
    """With conditions and without."""
    for condition in ("--current-replicas=-1", "--current-replicas=1"):
        done = cubectl("scale", *web, "--replicas=7", condition, f"--dry-run={mode}")
        assert done.code == 0, done.err
    assert cubectl("get", *web, REPLICAS).out == "1"


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--replicas=many",), "error: invalid argument"),
        (("--replicas=1", "--current-replicas=-2"), "error: The --current-replicas must specify"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    cubectl: CommandLine, flags: tuple[str, ...], told: str
) -> None:
    """In kubectl's words, before any call."""
    done = cubectl("scale", "deployment", "web", *flags)
    assert done.code == 1
    assert done.err.startswith(told), done.err


def test_a_version_is_of_one_object(cubectl: CommandLine, web: tuple[str, ...]) -> None:
    """Several objects have no version in common."""
    namespace = web[1]
    done = cubectl("-n", namespace, "create", "deployment", "api", "--image=api:1")
    assert done.code == 0, done.err
    done = cubectl("scale", *web, "api", "--replicas=2", "--resource-version=7")
    assert done.err == "error: cannot use --resource-version with multiple resources\n"


async def test_waiting_ends_with_the_replicas(server: str, web: tuple[str, ...]) -> None:
    """When the status has them; else when the time is over, which is an error."""
    resource = Catalog.shipped().find("deployments")
    assert resource is not None
    async with Client(server) as client:
        read = await client.get(Deployment, "web", namespace=web[1])
        item = Chosen(resource=resource, name="web", namespace=web[1], message=read)
        with pytest.raises(CommandError, match=r'^timed out waiting for "web" to be synced$'):
            await waiting.until_scaled(client, item, 1, seconds=0.2)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(waiting.until_scaled(client, item, 1, seconds=60))
            change = {"status": {"replicas": 1}}
            await client.patch(Deployment, "web", change, subresource="status", namespace=web[1])
        await client.scale(Deployment, "web", 5, namespace=web[1])
        # Another number is wanted: nothing is left to wait for.
        await waiting.until_scaled(client, item, 1, seconds=60)


def test_a_server_that_is_not_there_is_told_of_as_such(cubectl: CommandLine) -> None:
    """It is not that there was nothing to scale."""
    done = cubectl("--server=127.0.0.1:1", "scale", "deployment/web", "--replicas=1")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or "
        "port?\n"
    )

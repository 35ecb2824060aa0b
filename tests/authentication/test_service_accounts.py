"""Tokens of service accounts end with the account, and with what they are bound to."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from protocube import errors
from protocube.authentication.v1 import token_request_pb2
from protocube.meta.v1 import requests_pb2
from protocube_server.authentication.jose import tokens
from tests import etcd_process
from tests.authentication import signing
from tests.authentication.accounts import KEY, MAPS, with_robot, works
from tests.authorization.ruled import Ruled, ruled
from tests.client.command_line import CommandLine
from tests.server.caller import rebuilt

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

WATCH = requests_pb2.WatchRequest(namespace="default").SerializeToString()

Reference = token_request_pb2.BoundObjectReference


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Ruled, None]:
    """Provide a server that makes tokens, with an account that may read everything."""
    async with with_robot(tmp_path) as found:
        yield found


async def test_a_token_ends_with_its_account_at_once(server: Ruled) -> None:
    """A new account of the same name has another uid, and the old token is still refused."""
    admin = await server.caller("admin")
    token = (await signing.create_token(admin, "robot")).status.token
    assert await works(server, token)
    await admin.delete("sa", "robot")
    assert not await works(server, token)
    await admin.create(admin.make("sa", "robot"))
    assert not await works(server, token)
    assert await works(server, (await signing.create_token(admin, "robot")).status.token)


@pytest.mark.parametrize("kind", ["Secret", "Pod", "Node"])
async def test_a_token_ends_with_what_it_is_bound_to(server: Ruled, kind: str) -> None:
    """Before the deletion is answered; streams end as well."""
    admin = await server.caller("admin")
    container = {"name": "c", "image": "i"}
    spec: dict[str, Any] = {
        "Pod": {"spec": {"serviceAccountName": "robot", "containers": [container]}},
    }
    await admin.create(admin.make(kind.lower(), "bound", **spec.get(kind, {})))
    reference = Reference(kind=kind, api_version="v1", name="bound")
    found = await signing.create_token(admin, "robot", bound_object_ref=reference)
    token = found.status.token
    assert await works(server, token)
    robot = await server.caller(token)
    watch = robot.channel.unary_stream(f"{MAPS}/Watch")(WATCH, timeout=20)
    await watch.read()
    await admin.delete(kind.lower(), "bound", grace_period_seconds=0)
    assert not await works(server, token)
    with pytest.raises(grpc.aio.AioRpcError) as ended:
        await watch.read()
    assert isinstance(rebuilt(ended.value), errors.Unauthenticated)


async def test_a_change_that_removes_nothing_ends_nothing(server: Ruled) -> None:
    """Neither the token nor a stream that it opened."""
    admin = await server.caller("admin")
    token = (await signing.create_token(admin, "robot")).status.token
    robot = await server.caller(token)
    watch = robot.channel.unary_stream(f"{MAPS}/Watch")(WATCH, timeout=20)
    await watch.read()
    await admin.patch("sa", "robot", namespace="default", merge_patch='{"secrets": []}')
    await admin.patch(
        "sa", "robot", namespace="default", merge_patch='{"metadata": {"labels": {"a": "b"}}}'
    )
    await admin.create(admin.make("cm", "a"))
    assert await watch.read()
    watch.cancel()


async def test_a_key_that_stays_keeps_the_streams_of_its_tokens(tmp_path: Path) -> None:
    """Also when another one stands in its file now, and signs; when it goes, they end."""
    async with with_robot(tmp_path) as server, asyncio.timeout(20):
        file, new = tmp_path / "sa.key", signing.native()
        admin = await server.caller("admin")

        async def made() -> str:
            return str((await signing.create_token(admin, "robot")).status.token)

        token = await made()
        robot = await server.caller(token)
        watch = robot.channel.unary_stream(f"{MAPS}/Watch")(WATCH)
        await watch.read()
        file.write_text(signing.private_pem(new) + signing.private_pem(KEY))
        name = signing.signing_key(new).kid
        while (said := tokens.read(await made())) is None or said.kid != name:
            pass  # It is looked at once in a second.
        await admin.create(admin.make("cm", "a"))
        assert await watch.read()
        assert await works(server, token)
        file.write_text(signing.private_pem(new))
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await watch.read()
        assert isinstance(rebuilt(ended.value), errors.Unauthenticated)


@pytest.mark.etcd
async def test_a_deletion_on_another_server_ends_a_token(tmp_path: Path) -> None:
    """Within a second, and without a call that goes through the server that knows the token."""
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    async with AsyncExitStack() as stack:
        etcd = stack.enter_context(etcd_process.running(tmp_path / "etcd"))
        chosen: dict[str, Any] = {
            "store": f"etcd://{etcd.endpoint}",
            "service_account_keys": (signing.key_file(tmp_path, KEY),),
            "authorization": "always-allow",
        }
        first, second = [
            await stack.enter_async_context(ruled(folder, **chosen)) for folder in folders
        ]
        admin = await first.caller("admin")
        await admin.create(admin.make("sa", "robot"))
        token = (await signing.create_token(admin, "robot")).status.token
        robot = await second.caller(token)
        watch = robot.channel.unary_stream(f"{MAPS}/Watch")(WATCH, timeout=20)
        await watch.read()
        await admin.delete("sa", "robot")
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await watch.read()
        assert isinstance(rebuilt(ended.value), errors.Unauthenticated)
        assert not await works(second, token)


async def test_who_shows_an_expired_token_is_told(server: Ruled) -> None:
    """When it was right otherwise: a program then knows what to renew. Others learn nothing."""
    admin = await server.caller("admin")
    account = await admin.get("sa", "robot")
    for key, told in ((KEY, ["the token expired at 2001-09-09T01:46:40Z"]), (signing.native(), [])):
        expired = signing.signed(signing.claims(account, exp=1_000_000_000), key)
        caller = await server.caller(expired)
        with pytest.raises(errors.Unauthenticated) as refused:
            await caller.list("cm", namespace="default")
        assert [str(cause) for cause in refused.value.violations] == told
    line = CommandLine(environ={})
    words = ("get", "cm", f"--server={server.address}")
    expired = signing.signed(signing.claims(account, exp=1_000_000_000), KEY)
    done = await asyncio.to_thread(line, *words, f"--token={expired}")
    assert done.err == (
        "error: You must be logged in to the server (Unauthorized): the token expired at "
        "2001-09-09T01:46:40Z\n"
    )

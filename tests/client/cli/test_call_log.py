"""``-v``: the calls of a run on standard error, without what is secret."""

from __future__ import annotations

import asyncio
import base64
import io
import re
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube.catalog import Catalog
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.secret_pb2 import Secret
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client import Client
from protocube_client.cli.call_log import CallLog, LoggedConnection

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine

SECRET = b"""
apiVersion: v1
kind: Secret
metadata: {name: word}
stringData: {password: hunter2}
"""
HEAD = re.compile(r"I\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ calls\] ", re.ASCII)


def lines(text: str) -> list[str]:
    """Return lines of the log without their heads, which klog's readers know, and their times."""
    found = text.splitlines()
    assert all(HEAD.match(line) for line in found), text
    return [re.sub(r" in \d+ milliseconds$", "", HEAD.sub("", line, count=1)) for line in found]


@pytest.mark.parametrize("level", ["1", "5"])
def test_lower_levels_tell_of_no_calls(cubectl: CommandLine, level: str) -> None:
    """There is nothing to tell."""
    assert cubectl("get", "ns", "default", "-v", level).err == ""


def test_each_call_is_a_line(cubectl: CommandLine, server: str) -> None:
    """Also one that fails, with why."""
    done = cubectl("-v6", "get", "namespace", "default", "gone")
    assert lines(done.err.rpartition("Error from server")[0]) == [
        f"/protocube.core.v1.Namespaces/Get {server} OK",
        f'/protocube.core.v1.Namespaces/Get {server} NotFound: namespaces "gone" not found',
    ]
    assert done.code == 1


def test_metadata_tells_no_token(cubectl: CommandLine) -> None:
    """A person who reads the log could act with it."""
    words = ("get", "ns", "default", "--token=se.cr.et", "--as=ada", "--as-group=dev")
    for level in ("7", "10"):
        done = cubectl(*words, f"--v={level}")
        assert "    authorization: Bearer <masked>" in lines(done.err)
        assert "    impersonate-user: ada" in lines(done.err)
        assert "se.cr.et" not in done.err


def test_what_is_sent_and_answered_tells_no_secret(cubectl: CommandLine, namespace: str) -> None:
    """Not in an object, a list, a patch, a manifest, or an annotation."""
    in_base64 = "aHVudGVyMg=="
    for words in (
        ("apply", "-f", "-"),
        ("get", "secrets", "-o", "name"),
        ("get", "secret", "word", "-o", "name"),
        ("patch", "secret", "word", "-p", '{"stringData":{"password":"hunter2","x":"y"}}'),
        ("apply", "--server-side", "--force-conflicts", "-f", "-"),
    ):
        done = cubectl("-n", namespace, *words, "-v10", stdin=SECRET)
        assert done.code == 0, done.err
        assert '"password":"***"' in done.err
        assert "hunter2" not in done.err, words
        assert in_base64 not in done.err, words


def test_bodies_are_cut(cubectl: CommandLine, namespace: str) -> None:
    """To a kilobyte, to ten, or not at all."""
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: long}\ndata: {x: %s}\n"
    words = ("-n", namespace, "create", "--dry-run=server", "-f", "-")
    lengths = []
    for level in ("8", "9", "10"):
        done = cubectl(*words, "-v", level, stdin=(manifest % ("a" * 20_000)).encode())
        (sent,) = (line for line in lines(done.err) if line.startswith("Request: "))
        lengths.append(len(sent.partition(" [truncated ")[0].removeprefix("Request: ")))
        assert (" [truncated " in sent) == (level != "10")
    assert lengths[:2] == [1024, 10_240]
    assert lengths[2] > 20_000


async def test_what_is_packed_tells_no_secret(server: str, namespace: str) -> None:
    """Objects of any kind, and requests for them, come packed into streams."""
    stream = io.StringIO()
    log = CallLog(stream, 10, catalog=lambda: Catalog.shipped(comments=False))
    secret = Secret(metadata=ObjectMeta(name="word", namespace=namespace))
    secret.string_data["password"] = "hunter2"
    config_map = ConfigMap(metadata=ObjectMeta(name="open", namespace=namespace))
    config_map.data["key"] = "seen"
    async with LoggedConnection(server, log=log) as connection:
        client = Client(connection)
        await client.create(secret)
        await client.create(config_map)
        events = client.watch_all(Secret, ConfigMap, namespace=namespace)
        async with asyncio.timeout(20), aclosing(events) as each:
            async for revision in each:
                assert len(revision.events) == 2
                break
    told = stream.getvalue()
    assert "hunter2" not in told
    assert base64.b64encode(b"hunter2").decode() not in told
    assert '"@type":"protocube.core.v1.Secret"' in told
    assert '"password":"***"' in told
    assert '"key":"seen"' in told
    assert told.splitlines()[-1].endswith(" milliseconds")

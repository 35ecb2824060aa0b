"""The Python library as a newcomer meets it: its names, its first page, a server for tests."""

from __future__ import annotations

import asyncio
import os
import pydoc
import re
import sys
from pathlib import Path

import pytest

import protocube_client
from protocube import errors
from protocube.core.v1.pod_pb2 import Pod
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client import Client
from protocube_server import testing

ROOT = Path(__file__).parents[2]
LIMIT = 60


def test_help_lists_what_is_there() -> None:
    """Names that are imported at their first use are in ``dir`` and ``help`` before it."""
    told = pydoc.plain(pydoc.render_doc(protocube_client))
    assert set(protocube_client.__all__) <= set(dir(protocube_client))
    missing = [name for name in protocube_client.__all__ if name not in told]
    assert not missing, f"help(protocube_client) does not name {missing}"


async def test_a_server_for_tests() -> None:
    """Several run beside each other, each with a store and settings of its own."""
    async with (
        testing.server() as one,
        testing.server(watch_cache=False) as two,
        Client(one) as client,
        Client(two) as other,
    ):
        pod = Pod(metadata=ObjectMeta(name="web"))
        pod.spec.containers.add(name="web", image="web:1")
        await client.create(pod)
        assert len(await client.list(Pod)) == 1
        assert len(await other.list(Pod)) == 0
        with pytest.raises(errors.Invalid) as caught:
            await other.create(Pod(metadata=ObjectMeta(name="web")))
    assert [violation.field for violation in caught.value.violations] == ["spec.containers"]


async def test_a_server_for_tests_has_no_setting_of_that_name() -> None:
    """A misspelt one is no default in disguise."""
    with pytest.raises(TypeError, match="watch_caches"):
        async with testing.server(watch_caches=False):
            pass


async def test_the_program_of_the_first_page() -> None:
    """It runs as it stands, on the object that the page has created before it."""
    page = (ROOT / "README.md").read_text()
    found = re.search(r"^## From Python\n+```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found, "README has no program below From Python"
    async with testing.server() as address, Client(address) as client:
        pod = Pod(metadata=ObjectMeta(name="with-node-affinity-2"))
        pod.spec.containers.add(name="web", image="web:1")
        await client.create(pod)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", found[1].replace("127.0.0.1:7443", address)),
            env={"PATH": os.environ["PATH"]},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(LIMIT):
            out, err = await process.communicate()
    assert (process.returncode, out.decode()) == (0, "MODIFIED with-node-affinity-2\n"), (
        err.decode()
    )

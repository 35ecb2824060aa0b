"""The deletion of a namespace is a promise: it is kept though the server that gave it is killed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.catalog import Catalog
from tests import etcd_process
from tests.server.caller import Caller
from tests.server_process import started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OBJECTS = 500
CATALOG = Catalog.shipped()


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Provide the URL of an empty store of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path}/store.db"
        return
    with etcd_process.running(tmp_path / "etcd") as etcd:
        yield f"etcd://{etcd.endpoint}"


async def until_gone(caller: Caller, name: str) -> None:
    """Wait as long as it takes until another server leads, and a little longer."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await caller.until_gone("ns", name)
            except (TimeoutError, errors.Timeout):
                continue


async def test_a_namespace_ends_though_its_server_was_killed(store: str) -> None:
    """Delete answers at once; kill -9 follows, and the next server removes what is left."""
    flags = ("--listen", "127.0.0.1:0", "--store", store)
    async with started(*flags) as first:
        async with Caller(await first.ready(), CATALOG) as caller:
            await caller.create(caller.make("ns", "x"))
            metadata = [{"name": f"cm-{number}", "namespace": "x"} for number in range(OBJECTS)]
            await asyncio.gather(
                *(caller.create(caller.make("cm", metadata=item)) for item in metadata)
            )
            going = await caller.delete("ns", "x")
            await first.kill()
        assert going.status.phase == "Terminating"
        assert not going.status.conditions
    async with started(*flags) as second, Caller(await second.ready(), CATALOG) as caller:
        assert (await caller.get("ns", "x")).metadata.uid == going.metadata.uid
        await until_gone(caller, "x")
        assert not (await caller.list("cm", namespace="x")).items


@pytest.mark.etcd
async def test_any_server_may_be_asked(tmp_path: Path) -> None:
    """The one that leads ends the namespace within a moment, whichever marked it."""
    with etcd_process.running(tmp_path / "etcd") as etcd:
        flags = ("--listen", "127.0.0.1:0", "--store", f"etcd://{etcd.endpoint}")
        async with (
            started(*flags) as first,
            Caller(await first.ready(), CATALOG) as leading,
            started(*flags) as second,
            Caller(await second.ready(), CATALOG) as following,
        ):
            for caller in (leading, following):
                await caller.create(caller.make("ns", "x"))
                await caller.create(caller.make("cm", metadata={"name": "a", "namespace": "x"}))
                await caller.delete("ns", "x")
                await following.until_gone("ns", "x")
                with pytest.raises(errors.NotFound):
                    await leading.get("ns", "x")

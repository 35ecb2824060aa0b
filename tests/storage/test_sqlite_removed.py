"""A store's file that is taken away while a server has it open: nothing more is acknowledged."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from protocube import errors
from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.settings import Settings
from protocube_server.storage.sqlite import SqliteStore
from tests.server.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SECONDS = 20.0


def _remove(file: Path) -> None:
    file.unlink()


def _move(file: Path) -> None:
    file.rename(file.with_name(f"{file.name}.elsewhere"))


def _replace(file: Path) -> None:
    copy = file.with_name(f"{file.name}.copy")
    shutil.copyfile(file, copy)
    copy.replace(file)


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", ".lock"])
@pytest.mark.parametrize("take", [_remove, _move, _replace])
async def test_without_one_of_its_files_a_store_refuses_everything(
    tmp_path: Path, suffix: str, take: Callable[[Path], None]
) -> None:
    """Writes, reads and the question for the revision; the sentence says which file is gone.

    What was acknowledged before was acknowledged rightly; what comes back does not mend it.
    """
    store = await SqliteStore.open(tmp_path / "store.db")
    await store.create(b"/a", b"one")
    file = tmp_path / f"store.db{suffix}"
    take(file)
    said = f"cannot use .*store.db: .*{file.name} was removed or replaced .* restart the server"
    for _ in range(2):
        with pytest.raises(errors.Unavailable, match=said) as caught:
            await store.create(b"/b", b"one")
        assert not isinstance(caught.value, errors.OutcomeUnknown)
    for asked in (store.get(b"/a"), store.list(b"/"), store.revision()):
        with pytest.raises(errors.Unavailable, match=said):
            await asked
    elsewhere = file.with_name(f"{file.name}.elsewhere")
    if elsewhere.exists():
        elsewhere.rename(file)
        with pytest.raises(errors.Unavailable, match="restart the server"):
            await store.create(b"/b", b"one")
    await store.close()


async def test_no_write_is_acknowledged_that_the_next_start_lacks(tmp_path: Path) -> None:
    """However close to the removal: what was not refused is in the file that was taken away."""
    store = await SqliteStore.open(tmp_path / "store.db")
    done = asyncio.Event()
    kept: list[bytes] = []

    async def write(worker: int) -> None:
        for number in range(10_000):
            key = f"/{worker}/{number}".encode()
            try:
                await store.create(key, b"one")
            except errors.Unavailable:
                return
            kept.append(key)
            if len(kept) > 40:
                done.set()

    async with asyncio.timeout(_SECONDS), asyncio.TaskGroup() as group:
        for worker in range(4):
            group.create_task(write(worker))
        await done.wait()
        saved = tmp_path / "saved.db"
        for suffix in ("-wal", ""):
            (tmp_path / f"store.db{suffix}").rename(saved.with_name(f"saved.db{suffix}"))
    await store.close()
    again = await SqliteStore.open(saved)
    assert {*kept} <= {record.key for record in (await again.list(b"/")).records}
    await again.close()


async def test_callers_and_health_hear_of_it(tmp_path: Path) -> None:
    """Within seconds health is NOT_SERVING, without any call; and calls get the reason."""
    settings = Settings(listen="127.0.0.1:0", store=f"sqlite:{tmp_path}/store.db", grace=0.5)
    async with (
        asyncio.timeout(_SECONDS),
        app.running(settings) as running,
        Caller(running.address, Catalog.shipped()) as api,
        grpc.aio.insecure_channel(running.address) as channel,
    ):
        await api.create(api.make("cm", "a"))
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        (tmp_path / "store.db").unlink()
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        for call in (api.create(api.make("cm", "b")), api.delete("cm", "a"), api.list("cm")):
            with pytest.raises(errors.Unavailable, match="was removed or replaced"):
                await call

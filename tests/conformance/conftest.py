"""The stores that the suite runs over, and a prefix of its own for each test."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from protocube_server.storage.etcd import EtcdStore
from protocube_server.storage.sealed import SealedStore
from protocube_server.storage.sealing.keys import AesGcm
from protocube_server.storage.sealing.sealing import Sealing
from protocube_server.storage.sqlite import SqliteStore
from tests import kine_process
from tests.etcd_process import Etcd, newer, running
from tests.simulation.store import SimulatedStore, World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from protocube_server.storage.base import Store


@pytest.fixture(scope="session")
def etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    """Provide the etcd that the tests of one process share."""
    with running(tmp_path_factory.mktemp("etcd")) as process:
        yield process


@pytest.fixture(scope="session")
def newer_etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    """Provide another one, of a version whose progress marks can be trusted."""
    with running(tmp_path_factory.mktemp("newer-etcd"), program=newer()) as process:
        yield process


_NOT_ON_KINE = {
    "test_the_revision_does_not_fall_back": "its revision is that of the newest row left",
    "test_a_watch_from_the_compacted_revision": "it is Expired already at the revision itself",
    "test_updates_of_one_key": "it counts no versions: all after the first are 2",
}
"""What holds for every store but this one, and why (docs/stores.md)."""
_NOT_SEALED = {"test_the_largest_value": "a sealed value is larger than what is in it"}
_TOO_LONG_ON_KINE = {"test_a_long_history"}


@pytest.fixture(scope="session")
def kine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Provide the endpoint of kine: etcd's API over an SQL database."""
    with kine_process.running(tmp_path_factory.mktemp("kine")) as endpoint:
        yield endpoint


@pytest.fixture(
    params=[
        "sqlite",
        "simulated",
        "sealed",
        pytest.param("etcd", marks=pytest.mark.etcd),
        # The shapes of transactions that kine knows, on etcd, which knows them too.
        pytest.param("etcd-singles", marks=pytest.mark.etcd),
        pytest.param("etcd-newer", marks=pytest.mark.etcd),
        *([pytest.param("kine", marks=pytest.mark.kine)] if kine_process.PROGRAM else []),
    ]
)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Provide a store of each kind."""
    opened: Store
    if request.param == "sqlite":
        opened = await SqliteStore.open(tmp_path / "store.db", progress_interval=0.05)
    elif request.param == "simulated":
        opened = SimulatedStore(World(), progress_interval=0.05)
    elif request.param == "sealed":
        why = _NOT_SEALED.get(request.function.__name__)
        if why:
            request.applymarker(pytest.mark.xfail(reason=why, strict=True))
        everything = Sealing({"*.*": [AesGcm("key1", bytes(32))]})
        behind = SimulatedStore(World(), progress_interval=0.05)
        opened = SealedStore(behind, "/test", everything)
    elif request.param == "kine":
        if request.function.__name__ in _TOO_LONG_ON_KINE:
            pytest.skip("thousands of writes one after the other take kine minutes")
        why = _NOT_ON_KINE.get(request.function.__name__)
        if why:
            request.applymarker(pytest.mark.xfail(reason=why, strict=True))
        opened = await EtcdStore.open([request.getfixturevalue("kine")], progress_interval=0.05)
    else:
        fixture = "newer_etcd" if request.param == "etcd-newer" else "etcd"
        process: Etcd = request.getfixturevalue(fixture)
        opened = await EtcdStore.open(
            [process.endpoint],
            progress_interval=0.05,
            nested=False if request.param == "etcd-singles" else None,
        )
    yield opened
    await opened.close()


@pytest.fixture
def prefix() -> bytes:
    """Provide a prefix that no other test uses."""
    return f"/test/{uuid.uuid4()}/".encode()

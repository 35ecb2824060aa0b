"""The recorded stores: a copy of each, for each test; and one of this release.

So it shows today whether the next release can be recorded, and what the tests then need.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protocube.catalog import Catalog
from tests import etcd_process
from tests.storage import etcd_tool
from tests.upgrade import record, recorded
from tests.upgrade.recorded import Opened

if TYPE_CHECKING:
    from collections.abc import Iterator

_TODAY = Path("today")


@pytest.fixture(scope="session")
def today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record an SQLite file with the code of today, as a release records its own."""
    folder = tmp_path_factory.mktemp("recorded") / "today"
    asyncio.run(record.record_sqlite(folder, tmp_path_factory.mktemp("recording")))
    return folder


@pytest.fixture(
    params=[
        pytest.param((folder, store), id=f"{folder.name}-{store}", marks=marks)
        for folder in recorded.folders()
        for store, marks in (("sqlite", ()), ("etcd", pytest.mark.etcd))
    ]
    + [pytest.param((_TODAY, "sqlite"), id="today-sqlite")]
)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Provide a copy of each recorded store, the etcd running."""
    folder, store = request.param
    if folder == _TODAY:
        folder = request.getfixturevalue("today")
    # Those of the client: messages of two catalogs are never equal.
    catalog = Catalog.shipped(comments=False)
    contents = recorded.read(folder / f"{store}.json.xz", catalog)
    path = tmp_path / recorded.STORES[store]
    recorded.unpack(folder, path.name, path)
    if store == "sqlite":
        yield Opened(url=f"sqlite:{path}", contents=contents)
        return
    etcd_tool.restore(path, tmp_path / "etcd")
    with etcd_process.running(tmp_path / "etcd") as etcd:
        yield Opened(url=f"etcd://{etcd.endpoint}", contents=contents)

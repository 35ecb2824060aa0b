"""The recorded stores: a copy of each, for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube.catalog import Catalog
from tests import etcd_process
from tests.storage import etcd_tool
from tests.upgrade import recorded
from tests.upgrade.recorded import Opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(
    params=[
        pytest.param((folder, store), id=f"{folder.name}-{store}", marks=marks)
        for folder in recorded.folders()
        for store, marks in (("sqlite", ()), ("etcd", pytest.mark.etcd))
    ]
)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Provide a copy of each recorded store, the etcd running."""
    folder, store = request.param
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

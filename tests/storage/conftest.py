"""An etcd of its own for each test, to be killed and paused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.etcd_process import Etcd, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def own_etcd(tmp_path: Path) -> Iterator[Etcd]:
    """Provide a started etcd that no other test uses."""
    with running(tmp_path / "etcd") as process:
        yield process

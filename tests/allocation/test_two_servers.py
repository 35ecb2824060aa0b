"""Two servers on one etcd never give out the same address or port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import etcd_process
from tests.allocation import two_servers

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.etcd, pytest.mark.timeout(300)]


async def test_nothing_is_given_twice_or_lost(tmp_path: Path) -> None:
    """Also when one of them is killed amid its calls: what is kept is what services have."""
    with etcd_process.running(tmp_path / "etcd") as etcd:
        report = await two_servers.run(etcd, 300)
    assert report.is_right, report
    assert report.repeated, "no call was lost with the server: it was killed too early or too late"
    assert len(report.addresses) == 240

"""One caller with very many calls: another one is answered as if there were few."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from tests import etcd_process
from tests.faults import crowd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OBJECTS = 500
_READS = 10


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Provide the place of an empty store."""
    with contextlib.ExitStack() as stack:
        if request.param == "sqlite":
            yield f"sqlite:{tmp_path}/store.db"
        else:
            etcd = stack.enter_context(etcd_process.running(tmp_path / "etcd"))
            yield f"etcd://{etcd.endpoint}"


@pytest.mark.parametrize("flag", ["--watch-cache", "--no-watch-cache"])
async def test_a_thousand_lists_of_one_caller_do_not_keep_another_one_waiting(
    store: str, flag: str
) -> None:
    """Another connection's reads are answered among the lists, and no call is refused.

    When all lists go on at once, or are taken in as slowly as they are answered, nearly all that
    are left at the first read are answered before ten reads are.
    """
    # Those with selectors take so little that they are over before anybody waits.
    (lists,) = (each for each in crowd.crowds() if each.name == "lists")
    async with crowd.served(store, flag, "--call-timeout=300", objects=_OBJECTS) as address:
        found = await crowd.beside(address, lists, reads=_READS)
    assert found.outcomes == {"answered": crowd.CALLS}
    # Until the first read both programs are busy with sending and taking in a thousand calls.
    first, last = found.answered[0], found.answered[-1]
    assert last - first < (crowd.CALLS - first) // 2, (
        f"of {crowd.CALLS} lists so many were answered at each read: {found.answered}"
    )

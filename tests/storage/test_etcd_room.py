"""An etcd that comes near its quota: the log says so before writes are refused."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.etcd import EtcdStore
from protocube_server.storage.etcd.proto import rpc_pb2
from protocube_server.storage.etcd.room import Room
from tests.etcd_process import newer, running
from tests.storage import etcd_tool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIB = 1024 * 1024
QUOTA = 16 * MIB
_LOGGER = "protocube_server.storage.etcd.room"


class _Said(logging.Handler):
    """What was logged, to be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._news = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Note a line."""
        self.lines.append(record.getMessage())
        self._news.set()

    async def wait(self, words: str) -> str:
        """Return the first line with these words, once there is one."""
        async with asyncio.timeout(60):
            while True:
                for line in self.lines:
                    if words in line:
                        return line
                self._news.clear()
                await self._news.wait()


@contextlib.contextmanager
def _listening() -> Iterator[_Said]:
    said = _Said()
    logger = logging.getLogger(_LOGGER)
    logger.addHandler(said)
    try:
        yield said
    finally:
        logger.removeHandler(said)


@pytest.mark.etcd
@pytest.mark.parametrize("tells", [False, True])
async def test_it_is_said_before_writes_are_refused(tmp_path: Path, *, tells: bool) -> None:
    """Once for the size, once for the alarm, and once for its end; deletions are taken.

    etcd tells its quota from 3.6 on; before, the operator does.
    """
    program = newer() if tells else ""
    flags = ("--quota-backend-bytes", str(QUOTA))
    with (
        _listening() as said,
        running(tmp_path / "etcd", program=program, flags=flags) as etcd,
    ):
        store = await EtcdStore.open(
            [etcd.endpoint], room_interval=0.05, quota=0 if tells else QUOTA
        )
        names = [b"/%05d" % number for number in range(1000)]
        written: list[bytes] = []

        async def fill(most: int) -> None:
            while len(written) * 60_000 < most:
                await store.create(names[len(written)], b"x" * 60_000)
                written.append(names[len(written)])

        # Beyond 80 %, and far from the end: what etcd's database takes beside values varies.
        await fill(QUOTA * 82 // 100)
        near = await said.wait("its database has")
        assert etcd.endpoint in near
        assert "of 16.0 MiB" in near
        assert "compact, then etcdctl defrag, or raise" in near
        assert ("--etcd-quota-bytes" in near) is not tells
        with pytest.raises(errors.Unavailable, match="the store is full"):
            await fill(4 * QUOTA)
        await said.wait("etcd has raised the alarm NOSPACE")
        for key in written:
            await store.delete(key)
        await store.compact(await store.revision())
        etcd_tool.run(etcd, "defrag")
        etcd_tool.run(etcd, "alarm", "disarm")
        await said.wait("etcd's alarm NOSPACE is disarmed")
        assert len(said.lines) == 3, said.lines
        await store.create(b"/more", b"x")
        await store.close()


def _status(size: int, *, quota: int = 0, problems: tuple[str, ...] = ()) -> rpc_pb2.StatusResponse:
    return rpc_pb2.StatusResponse(dbSize=size, dbSizeQuota=quota, errors=problems)


def test_a_size_that_goes_up_and_down_is_said_once() -> None:
    """And again when it was well below the mark in between; each member has a size of its own."""
    with _listening() as said:
        room = Room(quota=100 * MIB)
        for percent in (79, 80, 79, 81, 95, 75, 85):
            room.learn("a", _status(percent * MIB))
        assert len(said.lines) == 1
        assert "80.0 MiB of 100.0 MiB (80 %, if its quota is" in said.lines[0]
        room.learn("b", _status(90 * MIB))
        assert "etcd at b" in said.lines[1]
        room.learn("a", _status(60 * MIB))
        room.learn("a", _status(80 * MIB))
        assert len(said.lines) == 3


def test_the_quota_that_etcd_tells_counts() -> None:
    """Before the one that was given, which is etcd's default of 2 GiB without a flag."""
    with _listening() as said:
        room = Room(quota=0)
        room.learn("a", _status(90, quota=-1))
        room.learn("b", _status(1600 * MIB))
        assert said.lines == []
        room.learn("a", _status(90, quota=100))
        room.learn("b", _status(1640 * MIB))
        assert len(said.lines) == 2
        assert "of 2048.0 MiB" in said.lines[1]


def test_an_alarm_is_said_once_for_all_members() -> None:
    """All members tell each alarm; it is over when none of them does."""
    raised = ("memberID:10276657743932975437 alarm:NOSPACE ", "etcdserver: no leader")
    with _listening() as said:
        room = Room(quota=0)
        for address in "ab":
            room.learn(address, _status(1, problems=raised))
        room.learn("a", _status(1))
        assert len(said.lines) == 1
        room.learn("b", _status(1))
        assert said.lines[1] == "etcd's alarm NOSPACE is disarmed"

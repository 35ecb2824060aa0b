"""Certificates towards etcd that are replaced while the store is in use."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.etcd import EtcdStore, Security
from tests import etcd_process
from tests.storage import etcd_tool
from tests.tls.authority import LOOPBACK, Authority

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from protocube_server.storage.base import Record, Revision
    from tests.etcd_process import Etcd
    from tests.tls.authority import Issued

pytestmark = pytest.mark.etcd
PATIENCE = 60.0
OURS = "ours"
"""The name of the files of our certificate."""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Provide the authority that both sides trust."""
    return Authority(tmp_path)


@pytest.fixture
def ours(authority: Authority) -> Issued:
    """Provide our own certificate: to etcd we are the user ``first``."""
    return authority.issue("first", file=OURS)


@pytest.fixture
def etcd(tmp_path: Path, authority: Authority, ours: Issued) -> Iterator[Etcd]:
    """Provide an etcd that takes the name in a certificate for the user, and checks it."""
    shown = authority.issue("etcd", *LOOPBACK)
    files = ("--cert-file", str(shown.certificate), "--key-file", str(shown.key))
    flags = (*files, "--client-cert-auth", "--trusted-ca-file", str(authority.file))
    with etcd_process.running(tmp_path / "etcd", flags=flags, scheme="https") as etcd:
        for words in (
            ("user", "add", "root:root"),
            ("user", "grant-role", "root", "root"),
            ("user", "add", "first:none"),
            ("user", "grant-role", "first", "root"),
            ("user", "add", "second:none"),
            ("user", "grant-role", "second", "root"),
            ("auth", "enable"),
        ):
            _administer(etcd, authority, ours, *words)
        yield etcd


def _administer(etcd: Etcd, authority: Authority, ours: Issued, *words: str) -> None:
    files = ("--cacert", str(authority.file), "--cert", str(ours.certificate))
    etcd_tool.run(etcd, *files, "--key", str(ours.key), *words)


@pytest.fixture
async def store(etcd: Etcd, authority: Authority, ours: Issued) -> AsyncIterator[EtcdStore]:
    """Provide a store that looks at its files all the time."""
    security = Security(cacert=str(authority.file), cert=str(ours.certificate), key=str(ours.key))
    opened = await EtcdStore.open([etcd.endpoint], security=security, renewal_interval=0.02)
    yield opened
    await opened.close()


class _Lines(logging.Handler):
    """What the renewal has logged."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._lines: asyncio.Queue[str] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self._lines.put_nowait(record.getMessage())

    async def said(self, words: str) -> str:
        """Wait for a line with these words, and give it."""
        async with asyncio.timeout(PATIENCE):
            while words not in (line := await self._lines.get()):
                pass
        return line


@pytest.fixture
def lines() -> Iterator[_Lines]:
    """Provide what is logged from now on."""
    log = logging.getLogger("protocube_server.storage.etcd.renewal")
    handler, level = _Lines(), log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler
    log.removeHandler(handler)
    log.setLevel(level)


async def _until(watch: AsyncGenerator[Revision, None], record: Record) -> list[Record | None]:
    """Return what was written up to ``record``."""
    records = []
    async for revision in watch:
        records += [event.record for event in revision.events]
        if record in records:
            return records
    raise AssertionError("a watch does not end by itself")


async def test_a_new_certificate_is_used(
    etcd: Etcd, store: EtcdStore, authority: Authority, ours: Issued, lines: _Lines
) -> None:
    """When etcd no longer knows who we were, writes and watches go on as who we are now.

    Writers before, during and after the change fail nowhere, and the watch sees each of
    their writes once.
    """
    stop = asyncio.Event()
    written: list[Record] = []

    async def write() -> None:
        while not stop.is_set():
            written.append(await store.create(f"/k{len(written)}".encode(), b"one"))

    async with (
        asyncio.timeout(PATIENCE),
        contextlib.aclosing(store.watch(b"/", after=1)) as watch,
    ):
        first = await store.create(b"/first", b"one")
        await _until(watch, first)
        writing = asyncio.create_task(write())
        authority.issue("second", file=OURS)
        await lines.said("were reloaded")
        count = len(written)
        while len(written) < count + 10 and not writing.done():
            await asyncio.wait({writing}, timeout=0.01)
        stop.set()
        await writing
        _administer(etcd, authority, ours, "user", "delete", "first")
        written.append(await store.create(b"/last", b"one"))
        assert await _until(watch, written[-1]) == written


async def test_a_new_certificate_that_cannot_be_used(
    store: EtcdStore, authority: Authority, ours: Issued, lines: _Lines
) -> None:
    """It is named in the log, the old one is kept, and a good one later is taken."""
    good = ours.key.read_bytes()
    ours.key.write_text("half a k")
    assert str(ours.key) in await lines.said("no good")
    assert await store.create(b"/a", b"one")
    ours.key.write_bytes(good)
    await lines.said("were reloaded")
    authority.issue("second", file=OURS)
    await lines.said("were reloaded")
    assert await store.create(b"/b", b"one")


@pytest.mark.parametrize("days", [(-2, -1), (1, 2)], ids=["expired", "to come"])
async def test_a_certificate_out_of_its_time(
    etcd: Etcd, authority: Authority, days: Sequence[float]
) -> None:
    """One that etcd would refuse now is refused by its name before anything is sent."""
    shown = authority.issue("first", file="other", days=(days[0], days[1]))
    security = Security(cacert=str(authority.file), cert=str(shown.certificate), key=str(shown.key))
    with pytest.raises(errors.BadRequest, match=r"other\.pem: certificate"):
        await EtcdStore.open([etcd.endpoint], security=security)

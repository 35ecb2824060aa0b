"""What etcd refuses of a transaction that many callers share: each has an outcome of its own."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.storage import keys
from protocube_server.storage.base import Done, Full, Guard, Put, Record, Remove, Set
from protocube_server.storage.etcd import EtcdStore, Security
from protocube_server.storage.etcd.group import Group
from tests.etcd_process import newer, running
from tests.server.caller import Caller
from tests.server_process import started
from tests.storage import etcd_tool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from protocube_server.storage.base import Outcome, Write

MIB = 1024 * 1024


@pytest.mark.etcd
async def test_a_request_that_is_too_large_is_its_callers_alone(tmp_path: Path) -> None:
    """With --max-request-bytes at 256 KiB every write below it is made, and no other one."""
    with running(tmp_path / "etcd", flags=("--max-request-bytes", "262144")) as etcd:
        store = await EtcdStore.open([etcd.endpoint])
        sizes = {f"/{number:03}".encode(): 60_000 for number in range(100)}
        sizes |= {f"/tiny-{number:03}".encode(): 10 for number in range(100)}
        sizes |= {f"/large-{number}".encode(): 300_000 for number in range(3)}
        # One that etcd's gRPC does not even take in.
        sizes |= {b"/largest": 900_000}
        writes = [store.create(key, b"x" * size) for key, size in sizes.items()]
        results = await asyncio.gather(*writes, return_exceptions=True)
        for (key, size), result in zip(sizes.items(), results, strict=True):
            if size > 262144:
                assert isinstance(result, errors.TooLarge), key
                assert "--max-request-bytes" in str(result)
            else:
                assert isinstance(result, Record), (key, result)
        there = {record.key for record in (await store.list(b"/")).records}
        assert there == {key for key, size in sizes.items() if size <= 262144}
        await store.close()


@pytest.mark.etcd
async def test_a_smaller_number_of_operations_is_found_out(tmp_path: Path) -> None:
    """With --max-txn-ops at 20 every write and every small set is made; a wide one is too large."""
    with running(tmp_path / "etcd", flags=("--max-txn-ops", "20")) as etcd:
        store = await EtcdStore.open([etcd.endpoint])
        wide = Set(writes=tuple(Put(key=b"/w%d" % n, value=b"", expected=0) for n in range(40)))
        small = Set(writes=tuple(Put(key=b"/s%d" % n, value=b"", expected=0) for n in range(5)))
        results = await asyncio.gather(
            *(store.create(b"/%03d" % number, b"x") for number in range(200)),
            store.apply(small),
            store.apply(wide),
            return_exceptions=True,
        )
        assert all(isinstance(result, Record) for result in results[:200])
        assert not isinstance(results[200], BaseException)
        assert isinstance(results[201], errors.TooLarge)
        assert len((await store.list(b"/")).records) == 205
        await store.close()


@pytest.mark.etcd
async def test_what_one_caller_may_not_do_is_refused_to_it_alone(tmp_path: Path) -> None:
    """A key outside of our user's rights does not keep others' writes from being made."""
    with running(tmp_path / "etcd") as etcd:
        etcd_tool.confine(etcd, user="cube", password="p", prefix="/ours/")
        security = Security(user="cube", password="p")
        store = await EtcdStore.open([etcd.endpoint], home=b"/ours/", security=security)
        refused = Set(
            writes=(Put(key=b"/ours/z", value=b"", expected=0),),
            guards=(Guard(key=b"/x", revision=0),),
        )
        results = await asyncio.gather(
            *(store.create(b"/ours/%03d" % number, b"x") for number in range(50)),
            store.apply(refused),
            return_exceptions=True,
        )
        assert all(isinstance(result, Record) for result in results[:50])
        await store.close()


class _Limited:
    """Takes transactions of some bytes at most, as an etcd with a small limit does."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.sizes: list[int] = []

    async def send(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        await asyncio.sleep(0)
        size = sum(len(write.value) for write in writes if isinstance(write, Put))
        self.sizes.append(size)
        if size > self.most:
            raise errors.TooLarge("etcdserver: request is too large")
        return [Done(revision=1, record=None, previous=None) for _ in writes]


async def test_the_limit_is_learnt() -> None:
    """After the first refusals transactions are of a size that is taken, and use most of it."""
    line = _Limited(200_000)
    group = Group(line.send, patience=10)

    async def burst(size: int) -> None:
        keys = [b"/%d" % number for number in range(100)]
        await asyncio.gather(*(group.write([Put(key=key, value=b"x" * size)]) for key in keys))

    await burst(30_000)
    refused = sum(size > line.most for size in line.sizes)
    assert refused
    for _ in range(5):
        line.sizes.clear()
        await burst(30_000)
        assert sum(size > line.most for size in line.sizes) <= 1
    assert max(size for size in line.sizes if size <= line.most) >= line.most / 2
    # What is refused alone says nothing about smaller ones.
    with pytest.raises(errors.TooLarge):
        await group.write([Put(key=b"/large", value=b"x" * 250_000)])
    line.sizes.clear()
    await burst(100)
    assert len(line.sizes) <= 3
    await group.close()


@pytest.mark.etcd
@pytest.mark.parametrize("counts_all", [False, True])
async def test_a_full_database_refuses_writes_and_takes_deletions(
    tmp_path: Path, *, counts_all: bool
) -> None:
    """The quota of etcd holds for grouped writes as for plain ones; deleting makes room.

    Newer etcd counts everything that is put, also with a deletion and by the leader.
    """
    quota = 16 * MIB
    flags = ("--quota-backend-bytes", str(quota))
    program = newer() if counts_all else ""
    with running(tmp_path / "etcd", program=program, flags=flags) as etcd:
        store = await EtcdStore.open([etcd.endpoint])
        written: list[bytes] = []
        refusals: list[Exception] = []
        while not refusals:
            names = [b"/%05d" % (len(written) + number) for number in range(64)]
            made = (store.create(key, b"x" * 60_000) for key in names)
            for key, result in zip(
                names, await asyncio.gather(*made, return_exceptions=True), strict=True
            ):
                if isinstance(result, Record):
                    written.append(key)
                else:
                    assert isinstance(result, Exception)
                    refusals.append(result)
            assert len(written) * 60_000 < 2 * quota
        assert all(type(refusal) is Full for refusal in refusals)
        assert all("database space exceeded" in str(refusal) for refusal in refusals)
        # etcd measures what it has committed, ten times a second: plain puts pass as far.
        assert len(written) * 60_000 < quota + 10 * MIB
        assert "NOSPACE" in etcd_tool.run(etcd, "alarm", "list")
        # Deletions go on, also beside writes in one transaction, and with a record of theirs.
        record = await store.get(written[2])
        assert record is not None
        recorded = Set(
            writes=(
                Put(key=b"/record", value=b"of it", expected=0),
                Remove(key=written[2], expected=record.mod_revision),
            )
        )
        results = await asyncio.gather(
            store.delete(written[0]),
            store.create(b"/more", b"x" * 60_000),
            store.delete(written[1]),
            store.update(written[3], b"small", expected=(await _revision(store, written[3]))),
            store.apply(recorded),
            return_exceptions=True,
        )
        assert [isinstance(result, Exception) for result in results] == [
            *(False, True, False, True, counts_all)
        ]
        # So is what keeps the servers of the store at work for it.
        leader = keys.system("/registry", keys.Area.LEADERSHIP)
        for count in range(2):
            with pytest.raises(errors.Unavailable) if counts_all else contextlib.nullcontext():
                await store.write((Put(key=leader, value=b"%d" % count),))
        for key in written[4:]:
            await store.delete(key)
        await store.compact(await store.revision())
        etcd_tool.run(etcd, "defrag")
        etcd_tool.run(etcd, "alarm", "disarm")
        await store.create(b"/more", b"x" * 60_000)
        await store.close()


@pytest.mark.etcd
async def test_a_server_on_a_full_store_says_so_and_deletes(tmp_path: Path) -> None:
    """Callers are told why nothing is written; reads, deletions and compaction go on."""
    with running(tmp_path / "etcd", flags=("--quota-backend-bytes", str(2 * MIB))) as etcd:
        flags = ("--listen", "127.0.0.1:0", "--store", f"etcd://{etcd.endpoint}")
        async with (
            started(*flags, "--compact-interval", "0.2") as server,
            Caller(await server.ready(), Catalog.shipped()) as api,
        ):
            names: list[str] = []
            refusal: errors.ApiError | None = None
            while refusal is None:
                item = api.make("cm", f"a{len(names)}", data={"k": "v" * 60_000})
                try:
                    names.append((await api.create(item)).metadata.name)
                except errors.ApiError as error:
                    refusal = error
            assert type(refusal) is errors.Unavailable
            assert "the store is full" in str(refusal)
            assert "database space exceeded" in str(refusal)
            assert (await api.get("cm", names[-1])).metadata.name == names[-1]
            for name in names:
                await api.delete("cm", name)
            compacted = 0
            async with asyncio.timeout(30):
                while compacted < 2:
                    compacted += "compacted the history" in await server._line()
            server.send(signal.SIGTERM)
            assert await server.ended() == 0
            assert sum("group: the store is full" in line for line in server.lines) == 1


@pytest.mark.etcd
@pytest.mark.parametrize("counts_all", [False, True])
async def test_a_server_starts_on_a_full_store(tmp_path: Path, *, counts_all: bool) -> None:
    """It says so at once, and serves reads and deletions, by which room is made.

    That holds for one of an earlier release, too, which lacks objects that the server makes.
    """
    program = newer() if counts_all else ""
    quota = ("--quota-backend-bytes", str(2 * MIB))
    with running(tmp_path / "etcd", program=program, flags=quota) as etcd:
        flags = ("--listen", "127.0.0.1:0", "--store", f"etcd://{etcd.endpoint}")
        async with (
            started(*flags) as server,
            Caller(await server.ready(), Catalog.shipped()) as api,
        ):
            await api.create(api.make("cm", "a"))
            server.send(signal.SIGTERM)
            assert await server.ended() == 0
        store = await EtcdStore.open([etcd.endpoint])
        for own in (b"namespaces/kube-node-lease", b"servicecidrs.networking.k8s.io/kubernetes"):
            await store.delete(b"/registry/" + own)
        full: errors.Unavailable | None = None
        for number in range(1000):
            try:
                await store.create(b"/other/%d" % number, b"x" * 60_000)
            except errors.Unavailable as error:
                full = error
                break
        assert "the store is full" in str(full)
        await store.close()
        async with (
            started(*flags, "--etcd-quota-bytes", str(2 * MIB)) as server,
            Caller(await server.ready(), Catalog.shipped()) as api,
        ):
            words = ["of 2.0 MiB", "etcd has raised the alarm NOSPACE", "made at the next start"]
            async with asyncio.timeout(30):
                while not all(any(word in line for line in server.lines) for word in words):
                    assert await server._line()
            assert (await api.get("cm", "a")).metadata.name == "a"
            await api.delete("cm", "a")
            with pytest.raises(errors.Unavailable, match="the store is full"):
                await api.create(api.make("cm", "b"))


async def _revision(store: EtcdStore, key: bytes) -> int:
    record = await store.get(key)
    assert record is not None
    return record.mod_revision

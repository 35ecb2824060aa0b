"""What happens to what a store holds: it is put back to a snapshot, and values become damaged."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_server.storage.base import Put
from tests.faults.subjects import DAMAGED, ApiSubject, StoreSubject
from tests.faults.workload import pause
from tests.storage import etcd_tool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from protocube_client.client import Client
    from protocube_server.storage.base import Store
    from tests.etcd_cluster import Cluster
    from tests.etcd_process import Etcd
    from tests.faults.workload import Workload

_PATIENCE = 5.0
_RETRY_SECONDS = 0.2


class Spoiling:
    """Spoils the objects of a run: those below ``prefix``, which ``client`` can reach, too."""

    def __init__(
        self,
        *,
        cluster: Cluster,
        store: Store,
        prefix: bytes,
        client: Client,
        workload: Workload,
        watchers: Sequence[str],
        folder: Path,
    ) -> None:
        self._cluster = cluster
        self._store = store
        self._prefix = prefix
        self._client = client
        self._workload = workload
        self._watchers = watchers
        self._folder = folder
        self._snapshot: Path | None = None
        self._revision = 0
        self._saved = 0

    async def save(self, member: Etcd) -> None:
        """Take the snapshot that the store is put back to next."""
        self._saved += 1
        file = self._folder / f"snapshot-{self._saved}"
        self._revision = await asyncio.to_thread(etcd_tool.save, member, file)
        if self._snapshot is not None:
            self._snapshot.unlink()
        self._snapshot = file

    async def restore(self, restored: Callable[[int], None]) -> None:
        """Put the store back to the last snapshot, while servers and watches go on.

        Writers wait until etcd is gone: so it is known what they wrote before. ``restored`` is
        told of the snapshot's revision before anything answers again.
        """
        assert self._snapshot is not None
        workload = self._workload
        async with workload.held():
            mark = await workload.mark(ApiSubject(self._client))
            final = await StoreSubject(self._store, self._prefix).list(at=mark)
            await workload.reached(mark, self._watchers, patience=_PATIENCE)
            self._cluster.kill()
            workload.put_back(self._revision, mark=mark, final=final.states)
            restored(self._revision)
        await self._cluster.restore(self._snapshot)

    async def damage(self, number: int) -> None:
        """Let one of the objects be no object any more. Raises what the store raises."""
        there = (await self._store.list(self._prefix)).records
        if there:
            key = there[number % len(there)].key
            await self._store.write((Put(key=key, value=DAMAGED),))

    async def mend(self) -> None:
        """Delete all that is damaged, by a call that says so."""
        while True:
            try:
                page = await self._store.list(self._prefix)
                damaged = [record.key for record in page.records if record.value == DAMAGED]
                for key in damaged:
                    name = key.removeprefix(self._prefix).decode()
                    options: Any = {"ignore_store_read_error": True}
                    await self._client.delete(ConfigMap, name, **options)
            except errors.NotFound:
                continue  # A call whose answer was lost has done it.
            except errors.ApiError:
                await pause(_RETRY_SECONDS)
            else:
                return

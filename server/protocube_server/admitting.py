"""What changes and refuses objects on a server, as its settings say."""

from __future__ import annotations

import dataclasses
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from protocube_server import tasks
from protocube_server.admission import plugins
from protocube_server.admission.order import InOrder
from protocube_server.admission.quota.counted import CountedQuotas
from protocube_server.admission.state import State
from protocube_server.calls.chain import Stages
from protocube_server.calls.in_force import InForce
from protocube_server.calls.shares import FairShares
from protocube_server.edge.webhooks import Webhooks
from protocube_server.upkeep.policy_status import stating_policies
from protocube_server.upkeep.quotas import counting_quotas

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.cache import Cache
    from protocube_server.kinds.edition import Editions
    from protocube_server.securing import Security
    from protocube_server.settings import Settings
    from protocube_server.storage.awaited import AwaitedStore
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.verbs.api import Api


class Admitting:
    """Admission, and what it depends on."""

    def __init__(
        self,
        settings: Settings,
        security: Security,
        store: AwaitedStore,
        cache: Cache,
        editions: Editions,
    ) -> None:
        """Raises ``ValueError`` for a plugin that there is not."""
        plugins.require_known(settings.admission_on, settings.admission_off)
        self._security = security
        self._webhooks = Webhooks()
        self._is_quota_off = "ResourceQuota" in settings.admission_off
        self._store = store
        self.state = State(store, cache, editions.current.kinds)
        """The objects that admission depends on."""
        self.admission = InOrder(
            self.state,
            store,
            security.may,
            rights=security.admission,
            send=self._webhooks,
            on=settings.admission_on,
            off=settings.admission_off,
        )
        """Asked by each verb that writes."""
        counted = [] if self._is_quota_off else [CountedQuotas(self.state, store, editions)]
        self.stages = dataclasses.replace(
            security.stages or Stages(limited_by_connection=FairShares()),
            in_force=InForce(*security.followers, self.state, *counted),
        )
        """The stages of calls: what is written of those objects is in force when it is answered."""

    def workers(self, api: Api) -> list[Worker]:
        """Return what the leader does for admission."""
        writes = self.admission.policy_writes
        workers = [stating_policies(api, self.state, writes)]
        if not self._is_quota_off:
            workers.append(counting_quotas(api, self.state))
        return workers

    @asynccontextmanager
    async def following(self) -> AsyncGenerator[None, None]:
        """Follow those objects, once there is a store. It outlives all calls."""
        try:
            async with tasks.beside(self._follow()):
                yield
        finally:
            await self._webhooks.close()

    async def ready(self) -> None:
        """Wait until the objects are known, and the rights of callers."""
        await self._security.ready()
        await self.state.loaded()

    async def _follow(self) -> None:
        await self._store.there()
        await self.state.run()

"""Follows what is being deleted and protected, and takes the protection off once nothing uses it.

Nothing is remembered between two terms but the store's own state. Whether an object is used is
asked of the store after the mark of its deletion was seen there, so whatever used it then is found;
what begins to use an object that is being deleted is not waited for, as in Kubernetes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import PROTECTION
from protocube_server.storage.base import GuardFailed
from protocube_server.upkeep import following
from protocube_server.upkeep.guarded_store import guarded
from protocube_server.upkeep.protection import users
from protocube_server.upkeep.seen import metadata_of
from protocube_server.verbs.entrance import Entrance

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.protection import Protection
    from protocube_server.storage.base import Event, Record
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.protection.users import InUse
    from protocube_server.upkeep.term import Term
    from protocube_server.verbs.api import Api

_BREATH_SECONDS = 0.1
"""Between a change and the look at what waits: one may come seldom alone."""
_RETRY_SECONDS = 1.0
"""Before what failed is tried again."""

_LOG = logging.getLogger("protocube.server")


def releasing(api: Api, stages: Stages | None = None) -> Worker:
    """Return the worker that ends protections in the store that ``api`` works on.

    Its calls meet the ``stages`` that all calls meet.
    """

    async def release(term: Term) -> None:
        led = guarded(api, term)
        await following.anew(lambda: _Releases(led, stages or Stages()).run())

    return release


class _Releases:
    """What waits for the end of its protection, of the kinds of one edition."""

    def __init__(self, api: Api, stages: Stages) -> None:
        self._api = api
        self._edition = api.editions.current
        self._entrance = Entrance(api, stages)
        self._protected = {
            kind.prefix(): (kind, kind.protection)
            for kind in self._edition.kinds
            if kind.is_stored and kind.protection is not None
        }
        names = {name for _, each in self._protected.values() for name in each.use.users}
        found = map(self._edition.kinds.for_message, names)
        self._users = frozenset(kind.prefix() for kind in found if kind is not None)
        self._waiting: dict[bytes, tuple[Kind, Protection]] = {}
        """By the keys of the objects."""
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled, or until kinds are replaced.

        Raises what following the objects raises, and ``GuardFailed`` when another server leads.
        """
        work = following.follow(
            self._api, self._edition, self._protected, self, lambda: (self._work(),)
        )
        await following.while_current(self._api, self._edition, work)

    def see(self, prefix: bytes, record: Record) -> None:
        """See :class:`following.Follower`: let an object wait if it is being deleted."""
        self._look(prefix, record)

    def take(self, prefix: bytes, event: Event) -> None:
        """See :class:`following.Follower`."""
        if prefix in self._protected:
            if event.record is None:
                self._waiting.pop(event.key, None)
            else:
                self._look(prefix, event.record)
        # A kind can be protected itself and use others.
        if prefix in self._users and self._waiting:
            self._changed.set()

    def _look(self, prefix: bytes, record: Record) -> None:
        """Let an object wait if it is being deleted and protected."""
        kind, protection = self._protected[prefix]
        # One that cannot be read is nothing to wait for.
        with contextlib.suppress(errors.Damaged):
            if protection.is_asked(metadata_of(record)):
                self._waiting[record.key] = kind, protection
                self._changed.set()
                return
        self._waiting.pop(record.key, None)

    async def _work(self) -> None:
        """Look at what waits whenever something has changed. Raises ``GuardFailed``."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(_BREATH_SECONDS)
            self._changed.clear()
            if not await self._look_at_all():
                await asyncio.sleep(_RETRY_SECONDS)
                self._changed.set()

    async def _look_at_all(self) -> bool:
        """Release what is used no more; tell whether nothing failed."""
        used: dict[tuple[str, str], InUse] = {}
        is_done = True
        for key, (kind, protection) in [*self._waiting.items()]:
            try:
                await self._release(key, kind, protection, used)
            except GuardFailed:
                raise
            except (errors.Conflict, errors.NotFound) as error:
                _LOG.debug("protection: %s", error)  # It was changed meanwhile.
            except errors.ApiError as error:
                _LOG.warning("%s stays protected: %s", key.decode(errors="replace"), error)
                is_done = False
            except Exception:  # noqa: BLE001  # a fault of ours must not hold up the others
                _LOG.exception("%s stays protected", key.decode(errors="replace"))
                is_done = False
        return is_done

    async def _release(
        self,
        key: bytes,
        kind: Kind,
        protection: Protection,
        used: dict[tuple[str, str], InUse],
    ) -> None:
        """Release one object if nothing uses it; ``used`` keeps what is used, by namespace."""
        record = await self._api.store.get(key)
        if record is None:
            return
        message = kind.read(record)
        if not protection.is_asked(message.metadata) or protection.use.is_in_use(message):
            return
        where = (kind.resource.message, message.metadata.namespace)
        # Of two objects of one name the second one may be used since.
        if where not in used or used[where].revision < record.mod_revision:
            kinds, store = self._edition.kinds, self._api.store
            used[where] = await users.read(store, kinds, protection.use, where[1])
        if not used[where].has(message):
            protection.end(message)
            await self._update(kind, message, str(record.mod_revision))

    async def _update(self, kind: Kind, message: Any, version: str) -> None:
        request: Any = kind.resource.update_request_class()
        request.object.CopyFrom(message)
        request.object.metadata.resource_version = version
        body = request.SerializeToString()
        await self._entrance.answer(kind.resource.service, "Update", body, user=PROTECTION)

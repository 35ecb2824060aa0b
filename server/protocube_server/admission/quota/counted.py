"""A quota says what is used of it as soon as its write is answered."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.admission.quota import counting
from protocube_server.admission.state import RESOURCE_QUOTA

if TYPE_CHECKING:
    from protocube_server.admission.state import State
    from protocube_server.kinds.edition import Editions
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Store


class CountedQuotas:
    """See :class:`~protocube_server.calls.in_force.Follower`; it stands behind the state."""

    def __init__(self, state: State, store: Store, editions: Editions) -> None:
        self._state = state
        self._store = store
        self._editions = editions

    def follows(self, kind: Kind) -> bool:
        """Tell whether a kind is that of quotas."""
        return kind.resource.message == RESOURCE_QUOTA

    async def look(self, kind: Kind, namespace: str, name: str) -> None:
        """Count what is used of a quota that was written, where it does not say that."""
        held = self._state.within(RESOURCE_QUOTA, namespace).get(kind.key(namespace, name))
        if held is None or counting.is_counted(held.message):
            return
        # When it fails, the quota is written all the same: it is counted later.
        with contextlib.suppress(errors.ApiError):
            edition = self._editions.current
            record = await counting.settle(self._store, edition, kind, held.record)
            if record is not None:
                self._state.see(kind, record)

"""Keeps rights as the roles and bindings in the store are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube_server.authorization import roles
from protocube_server.authorization.roles import Key
from protocube_server.cache.followed import Followed
from protocube_server.cache.store_follower import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from protocube_server.authorization.authorizer import Authorizer
    from protocube_server.cache import Cache
    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.registry import Registry
    from protocube_server.storage.base import Record, Store

ROLE: Final = "protocube.rbac.v1.Role"
CLUSTER_ROLE: Final = "protocube.rbac.v1.ClusterRole"
ROLE_BINDING: Final = "protocube.rbac.v1.RoleBinding"
CLUSTER_ROLE_BINDING: Final = "protocube.rbac.v1.ClusterRoleBinding"

_ROLES: Final = (ROLE, CLUSTER_ROLE)
_BINDINGS: Final = (ROLE_BINDING, CLUSTER_ROLE_BINDING)


class Following(Followed):
    """Follows the objects of the four kinds that give rights."""

    what = "the rights of callers"

    def __init__(
        self,
        store: Store,
        cache: Cache,
        registry: Registry,
        authorizer: Authorizer,
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """``patience`` is for how long rights hold that cannot be followed any more, in seconds."""
        kinds = map(registry.for_message, (*_ROLES, *_BINDINGS))
        super().__init__(store, cache, kinds, patience=patience)
        self._authorizer = authorizer
        self.rights = authorizer.rights
        """What is kept up to date."""
        self.changed: Callable[[], None] = _nothing
        """Called at each change of the rights, before anything else happens."""
        self._names: dict[bytes, Key] = {}
        self._told = self.rights.epoch
        """The epoch of which :attr:`changed` was told."""

    def settled(self) -> Awaitable[None] | None:
        """Return what to wait for before something is sent that the cache has.

        ``None`` when the rights are as new as that.
        """
        newest = self._cache.newest_change
        return self.catch_up(newest) if newest > self._position else None

    async def changed_since(self, epoch: int) -> None:
        """Wait until the rights are of another epoch."""
        while self.rights.epoch == epoch:
            await self.moved()

    def know(self, *, is_current: bool) -> None:
        """See ``StoreFollower``."""
        was_current, self._authorizer.is_current = self._authorizer.is_current, is_current
        if was_current != is_current:
            self.changed()

    def clear(self) -> None:
        """See :class:`Followed`."""
        self.rights.clear()
        self._names.clear()

    def put(self, kind: Kind, record: Record, message: Any) -> None:
        """See :class:`Followed`."""
        own = Key(message.metadata.namespace, message.metadata.name)
        self._names[record.key] = own
        if kind.resource.message in _ROLES:
            self.rights.put_role(own, roles.role_of(message))
        else:
            self.rights.put_binding(roles.binding_of(message))

    def remove(self, kind: Kind, key: bytes) -> None:
        """See :class:`Followed`."""
        own = self._names.pop(key)
        if kind.resource.message in _ROLES:
            self.rights.remove_role(own)
        else:
            self.rights.remove_binding(own)

    def tell(self) -> None:
        """See :class:`Followed`."""
        if self.rights.epoch != self._told:
            self._told = self.rights.epoch
            self.changed()


def _nothing() -> None:
    return None

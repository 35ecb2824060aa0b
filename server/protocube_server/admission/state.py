"""The objects that admission asks for at every write, kept as the store is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protocube import errors
from protocube_server.cache.followed import Followed
from protocube_server.cache.store_follower import PATIENCE_SECONDS
from protocube_server.kinds.kind import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protocube_server.cache import Cache
    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.registry import Registry
    from protocube_server.storage.base import Record, Store

VALIDATING_POLICY: Final = "protocube.admissionregistration.v1.ValidatingAdmissionPolicy"
VALIDATING_BINDING: Final = "protocube.admissionregistration.v1.ValidatingAdmissionPolicyBinding"
MUTATING_POLICY: Final = "protocube.admissionregistration.v1.MutatingAdmissionPolicy"
MUTATING_BINDING: Final = "protocube.admissionregistration.v1.MutatingAdmissionPolicyBinding"
VALIDATING_WEBHOOKS: Final = "protocube.admissionregistration.v1.ValidatingWebhookConfiguration"
MUTATING_WEBHOOKS: Final = "protocube.admissionregistration.v1.MutatingWebhookConfiguration"
LIMIT_RANGE: Final = "protocube.core.v1.LimitRange"
RESOURCE_QUOTA: Final = "protocube.core.v1.ResourceQuota"
PRIORITY_CLASS: Final = "protocube.scheduling.v1.PriorityClass"
RUNTIME_CLASS: Final = "protocube.node.v1.RuntimeClass"
STORAGE_CLASS: Final = "protocube.storage.v1.StorageClass"
INGRESS_CLASS: Final = "protocube.networking.v1.IngressClass"

CONFIGURATIONS: Final = (
    VALIDATING_POLICY,
    VALIDATING_BINDING,
    MUTATING_POLICY,
    MUTATING_BINDING,
    VALIDATING_WEBHOOKS,
    MUTATING_WEBHOOKS,
)
"""What says who is asked. Nobody is asked about these kinds, so that they can be repaired."""
_FOLLOWED: Final = (
    *CONFIGURATIONS,
    LIMIT_RANGE,
    RESOURCE_QUOTA,
    PRIORITY_CLASS,
    RUNTIME_CLASS,
    STORAGE_CLASS,
    INGRESS_CLASS,
    NAMESPACE,
)


class Held(NamedTuple):
    """An object, and what it was read from."""

    record: Record
    message: Any


class _Unread(NamedTuple):
    """An object that is there and cannot be read, and why."""

    kind: Kind
    fault: errors.ApiError


class State(Followed):
    """All objects of the kinds that admission depends on.

    What this server writes of them is in force when it is answered.
    """

    what = "the objects that admission depends on"

    def __init__(
        self,
        store: Store,
        cache: Cache,
        registry: Registry,
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        super().__init__(store, cache, map(registry.for_message, _FOLLOWED), patience=patience)
        self._is_current = False
        self._objects: dict[str, dict[bytes, Held]] = {}
        self._within: dict[tuple[str, str], dict[bytes, Held]] = {}
        self._epochs: dict[str, int] = {}
        self._unread: dict[bytes, _Unread] = {}
        self.changes = 0
        """How often anything of it has changed."""

    def require_current(self) -> None:
        """Raise ``errors.Unavailable`` while the objects are not known."""
        if not self._is_current:
            text = "what admission depends on is not known; try again"
            raise errors.Unavailable(text, retry_after=1)

    @property
    def has_unread(self) -> bool:
        """Whether there are objects that cannot be read."""
        return bool(self._unread)

    def require_read(self, message: str, namespace: str | None = None) -> None:
        """Raise ``errors.Unavailable`` when an object of a kind cannot be read.

        With a ``namespace`` that counts for the objects there alone.
        """
        for key, each in self._unread.items():
            is_there = namespace is None or key.startswith(each.kind.prefix(namespace))
            if each.kind.resource.message == message and is_there:
                text = "nobody knows what it refuses until it can be read, or is deleted"
                raise errors.Unavailable(f"{each.fault.message}: {text}")

    def epoch(self, *messages: str) -> tuple[int, ...]:
        """Return what is another value whenever objects of these kinds have changed."""
        return tuple(self._epochs.get(message, 0) for message in messages)

    def of(self, message: str) -> Iterable[Held]:
        """Return all objects of a kind."""
        return self._objects.get(message, {}).values()

    def within(self, message: str, namespace: str) -> Mapping[bytes, Held]:
        """Return the objects of a kind in one namespace, by their keys."""
        return self._within.get((message, namespace), {})

    def get(self, kind: Kind | None, namespace: str, name: str) -> Any | None:
        """Return one object, ``None`` where there is none."""
        if kind is None:
            return None
        held = self._objects.get(kind.resource.message, {}).get(kind.key(namespace, name))
        return held.message if held is not None else None

    def follows(self, kind: Kind) -> bool:
        """Tell whether what is written of a kind is looked at; see :meth:`namespace` for one."""
        return not kind.is_namespace and super().follows(kind)

    async def namespace(self, kind: Kind, name: str) -> Any:
        """Return a namespace, also one that was made a moment ago; ``kind`` is that of namespaces.

        Raises ``errors.NotFound``, and what the store raises.
        """
        known = self.get(kind, "", name)
        if known is not None:
            return known
        record = await self._store.get(kind.key("", name))
        if record is None:
            raise errors.not_found(kind.resource.qualified, name)
        return kind.read(record)

    def know(self, *, is_current: bool) -> None:
        """See :class:`Followed`."""
        self._is_current = is_current

    def clear(self) -> None:
        """See :class:`Followed`."""
        self.changes += 1
        for message in self._objects:
            self._epochs[message] = self._epochs.get(message, 0) + 1
        self._objects.clear()
        self._within.clear()
        self._unread.clear()

    def put(self, kind: Kind, record: Record, message: Any) -> None:
        """See :class:`Followed`."""
        name = kind.resource.message
        held = Held(record, message)
        self._objects.setdefault(name, {})[record.key] = held
        self._within.setdefault((name, message.metadata.namespace), {})[record.key] = held
        self._note_change(name)

    def remove(self, kind: Kind, key: bytes) -> None:
        """See :class:`Followed`."""
        name = kind.resource.message
        held = self._objects[name].pop(key)
        within = (name, held.message.metadata.namespace)
        del self._within[within][key]
        if not self._within[within]:
            del self._within[within]
        self._note_change(name)

    def _note_change(self, message: str) -> None:
        self.changes += 1
        self._epochs[message] = self._epochs.get(message, 0) + 1

    def miss(self, kind: Kind, key: bytes, fault: errors.ApiError | None) -> None:
        """See :class:`Followed`."""
        if fault is None:
            self._unread.pop(key, None)
        else:
            self._unread[key] = _Unread(kind, fault)

    def tell(self) -> None:
        """See :class:`Followed`."""

"""Whose a write is, and what becomes of the owners of an object by it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.api.v1 import resource_pb2
from protocube_server import turns
from protocube_server.kinds import kept, violations
from protocube_server.kinds.ownership import entries, scaling, stored
from protocube_server.kinds.ownership.entries import Operation, Owner
from protocube_server.kinds.ownership.managers import Write

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.ownership.entries import Entry
    from protocube_server.kinds.ownership.versions import Version
    from protocube_server.verbs.api import Api

LONGEST: Final = 128
"""Bytes of a manager's name."""
SERVER: Final = "cube-apiserver"
"""The manager of what the server writes of its own accord."""
_UNKNOWN: Final = "unknown"
_FIELD: Final = "fieldManager"
_SCALE: Final = "scale"
_OPTIONS: Final = {"create": "CreateOptions", "update": "UpdateOptions", "patch": "PatchOptions"}
_SUBRESOURCES: Final = {
    resource_pb2.SUBRESOURCE_STATUS: "status",
    resource_pb2.SUBRESOURCE_SCALE: _SCALE,
}


def subresource(call: Call) -> str:
    """Return the part of the object that a call writes; empty for the object itself."""
    verb = call.verb
    if verb.subresource or verb.word != "patch":
        return verb.subresource
    return _SUBRESOURCES.get(call.request.subresource, "")


def writer(call: Call, operation: Operation) -> Owner:
    """Return the owner of what a call writes.

    Its manager is the one that the request names, or else the program that calls. Raises
    ``errors.Invalid`` for a name that is none.
    """
    manager = call.request.field_manager
    if manager:
        require_name(call, manager)
    else:
        manager = _program(call.agent()) if call.agent else _UNKNOWN
    return _owner(manager, operation, call.kind.resource.api_version, subresource(call))


@functools.lru_cache(maxsize=1024)
def _owner(manager: str, operation: Operation, api_version: str, part: str) -> Owner:
    return Owner(manager=manager, operation=operation, api_version=api_version, subresource=part)


def require_name(call: Call, manager: str) -> None:
    """Raise ``errors.Invalid`` for a field manager whose name is too long or cannot be printed."""
    # Only names of that length are remembered.
    fault = _too_long(manager) or _fault(manager)
    if fault is not None:
        raise refused(call, fault)


def _too_long(manager: str) -> errors.Violation | None:
    return violations.too_long(_FIELD, LONGEST) if len(manager.encode()) > LONGEST else None


@functools.lru_cache(maxsize=1024)
def _fault(manager: str) -> errors.Violation | None:
    for position, char in enumerate(manager):
        if not (char.isprintable() and (char == " " or not char.isspace())):
            text = f"invalid character U+{ord(char):04X} (at position {position})"
            return violations.invalid(_FIELD, manager, text)
    return None


def refused(call: Call, fault: errors.Violation) -> errors.Invalid:
    """Return the refusal of an option of a write, in Kubernetes' words."""
    return errors.invalid(f"{_OPTIONS[call.verb.word]}.meta.k8s.io", "", [fault])


@functools.lru_cache(maxsize=1024)
def _program(agent: str) -> str:
    """Return the name that a user agent begins with, as far as it can be a manager's."""
    name = "".join(char for char in agent.partition("/")[0] if char.isprintable())
    return name.encode()[:LONGEST].decode(errors="ignore") or _UNKNOWN


def created(call: Call, message: Any) -> bytes:
    """Return what to keep with an object that a call creates, and that has its creation's time."""
    found = call.kind.owners
    by = writer(call, Operation.UPDATE)
    now = message.metadata.creation_timestamp.seconds
    return found.records.created(found.stored(message), by, now)


class Update:
    """Finds the owners after an update, or a patch."""

    def __init__(self, api: Api, call: Call, written: Any = None) -> None:
        """``written`` is what the caller says of the owners: data of ``managedFields``.

        Raises as :func:`writer`.
        """
        self._api = api
        self._call = call
        self._by = writer(call, Operation.UPDATE)
        # Subresources do not take it.
        self._written = None if self._by.subresource else written

    @property
    def faults(self) -> list[errors.Violation]:
        """What is wrong with the owners that the caller names."""
        named = ((at, each.get("manager", "")) for at, each in enumerate(self._written or ()))
        return [
            violations.too_long(f"metadata.managedFields[{at}].manager", LONGEST)
            for at, manager in named
            if len(manager.encode()) > LONGEST
        ]

    async def __call__(self, value: bytes, old: Any, new: Any, *, is_same: bool) -> bytes:
        """See :class:`~protocube_server.verbs.replacement.FindOwners`."""
        whole = kept.read(value)
        if self._written is None and self._by.subresource != _SCALE:
            if is_same or not whole:
                return whole
            found = self._call.kind.owners
            before, after = found.stored(old), found.stored(new)
            now = int(self._api.now().timestamp())
            renewed = found.records.renewed(whole, before, after, self._by, now)
            if renewed is not None:
                return renewed
        held, others = stored.split(whole)
        return await self._owners(value, held, old, new, is_same=is_same) + others

    async def _owners(
        self, value: bytes, held: bytes, old: Any, new: Any, *, is_same: bool
    ) -> bytes:
        call, by = self._call, self._by
        found = call.kind.owners
        if self._written is not None:
            had = await turns.returned(found.entries(value))
            left = await turns.returned(entries.after_writing(self._written, had))
            if left != had:
                held = await turns.returned(found.records.encoded(entries.ordered(left)))
        if not held:
            return held
        if by.subresource == _SCALE:
            return await _scaled(call, value, old, new, by)
        if is_same:
            return held
        now = int(self._api.now().timestamp())
        before, after = found.stored(old), found.stored(new)
        write = Write(owner=by, versions=versions(call, by), now=now)
        return await turns.returned(found.records.updated(held, before, after, write))


async def _scaled(call: Call, value: bytes, old: Any, new: Any, by: Owner) -> bytes:
    found = call.kind.owners
    had = await turns.returned(found.entries(value))
    replicas = scaling.path(call.kind.scales.replicas)
    steps = scaling.update(had, replicas, by, is_changed=old != new)
    return await turns.returned(found.records.encoded(await turns.returned(steps)))


async def unowned(kind: Kind, value: bytes, new: Any) -> bytes:
    """Return what to keep with ``new``, which the server makes of what is stored as ``value``."""
    return await beside(kind, kept.read(value), kind.parse(value), new)


async def beside(kind: Kind, whole: bytes, old: Any, new: Any) -> bytes:
    """Return what to keep with ``new``, which the server makes of ``old``, kept with ``whole``.

    What it changes becomes nobody's.
    """
    held, others = stored.split(whole)
    if not held:
        return others
    found = kind.owners
    steps = found.records.unowned(held, found.stored(old), found.stored(new))
    return await turns.returned(steps) + others


class Claims:
    """The owners that are known already: those after an apply."""

    def __init__(self, call: Call, found: tuple[Entry, ...]) -> None:
        self._owners = call.kind.owners
        self._found = found

    async def __call__(self, value: bytes, old: Any, new: Any, *, is_same: bool) -> bytes:
        """See :class:`~protocube_server.verbs.replacement.FindOwners`.

        When the object stays the same, and times alone differ, they are what was kept.
        """
        del old, new
        whole = kept.read(value)
        if is_same:
            had = await turns.returned(self._owners.entries(value))
            if entries.are_same_but_for_times(had, self._found):
                return whole
        return await self.encoded() + stored.split(whole)[1]

    async def encoded(self) -> bytes:
        """Return what to keep."""
        return await turns.returned(self._owners.records.encoded(self._found))


def versions(call: Call, by: Owner) -> dict[str, Version]:
    """Return the versions of the call's kind, as its edition has them."""
    return {
        kind.resource.api_version: kind.owners.version(by.subresource)
        for kind in call.edition.kinds.versions_of(call.kind)
    }


async def show(kind: Kind, value: bytes, message: Any) -> None:
    """Give a message of what is stored as ``value`` its ``managed_fields``."""
    answer = message.SerializeToString(deterministic=True)
    message.ParseFromString(await turns.returned(kind.owners.shown(value, answer)))


def are_asked_for(call: Call) -> bool:
    """Tell whether the answer to a call is to tell who owns what."""
    # A Scale never tells it.
    return call.verb.subresource != _SCALE and call.request.include_managed_fields


async def shown(call: Call, value: bytes, answer: bytes) -> bytes:
    """Return the answer to a call, made of a stored value, with its owners if it asks for them."""
    if not are_asked_for(call):
        return answer
    return await turns.returned(call.kind.owners.shown(value, answer))

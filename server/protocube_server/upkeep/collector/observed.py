"""What of an object matters to the collector: who it is, its owners, and how it ends."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from protocube import errors
from protocube_server.verbs import propagation

if TYPE_CHECKING:
    from protocube_server.kinds.edition import Edition
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record


class State(enum.Enum):
    """How far an object is."""

    LIVING = "living"
    """Its deletion was not asked for."""
    ENDING = "ending"
    """It is being deleted, and waits for what is not the collector's."""
    FOREGROUND = "foreground"
    """It is being deleted, and waits until its dependents are gone."""
    ORPHANING = "orphaning"
    """It is being deleted, and waits until its dependents do not refer to it any more."""


class Reference(NamedTuple):
    """An owner that an object names."""

    uid: str
    kind: Kind | None
    """``None`` when nothing can be told of the owner, because its kind is not served, or lives in
    namespaces and the dependent does not."""
    key: bytes
    """Where the owner must be."""
    blocks: bool
    """Whether the owner is to wait for the dependent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """An object as it is at one revision."""

    kind: Kind
    record: Record
    namespace: str
    name: str
    uid: str
    owners: tuple[Reference, ...]
    finalizers: tuple[str, ...]
    state: State
    version: str
    """The resource version, a precondition of whatever is done about the object."""


def observed(edition: Edition, kind: Kind, record: Record, metadata: Any) -> Observed:
    """Return what a record says, whose metadata was read before."""
    namespace = metadata.namespace if kind.resource.namespaced else ""
    return Observed(
        kind=kind,
        record=record,
        namespace=namespace,
        name=metadata.name,
        uid=metadata.uid,
        owners=tuple(_reference(edition, namespace, item) for item in metadata.owner_references),
        finalizers=tuple(metadata.finalizers),
        state=state_of(metadata),
        version=str(record.mod_revision),
    )


def matters(metadata: Any) -> bool:
    """Tell whether an object names owners, or may wait for the collector."""
    return bool(metadata.owner_references) or metadata.HasField("deletion_timestamp")


def state_of(metadata: Any) -> State:
    """Return how far the object with this metadata is."""
    if not metadata.HasField("deletion_timestamp"):
        return State.LIVING
    if propagation.FOREGROUND in metadata.finalizers:
        return State.FOREGROUND
    return State.ORPHANING if propagation.ORPHAN in metadata.finalizers else State.ENDING


def _reference(edition: Edition, namespace: str, named: Any) -> Reference:
    blocks = bool(named.block_owner_deletion)
    kind = edition.kinds.for_reference(named.api_version, named.kind)
    if kind is None or (kind.resource.namespaced and not namespace):
        return Reference(named.uid, None, b"", blocks)
    try:
        key = kind.key(namespace if kind.resource.namespaced else "", named.name)
    except errors.BadRequest:
        # No object has such a name.
        return Reference(named.uid, None, b"", blocks)
    return Reference(named.uid, kind, key, blocks)

"""The system fields of an object: who sets them and when."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from protocube_server.kinds import fields, violations
from protocube_server.verbs.randomness import Randomness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from protocube import errors
    from protocube_server.kinds.kind import Kind

_random = Randomness(os.urandom)

_WIPED_ON_CREATE = (
    "self_link",
    "uid",
    "creation_timestamp",
    "deletion_timestamp",
    "deletion_grace_period_seconds",
    "managed_fields",
)
_SET_BY_DELETION = {
    "metadata.deletionTimestamp": "deletion_timestamp",
    "metadata.deletionGracePeriodSeconds": "deletion_grace_period_seconds",
}
_KEPT_ON_UPDATE = (
    "self_link",
    "uid",
    "generation",
    "creation_timestamp",
    "deletion_timestamp",
    "deletion_grace_period_seconds",
    "generate_name",
    "managed_fields",
)


def new_uid() -> str:
    """Return a random uid."""
    digits = _random.take(16).hex()
    # RFC 9562's version 4 and its variant; uuid.UUID would take five times as long.
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def wipe(message: Any) -> None:
    """Clear what only the server may set, before a create."""
    clear = message.metadata.ClearField
    for name in _WIPED_ON_CREATE:
        clear(name)


def stamp(message: Any, now: datetime, uid: str) -> None:
    """Set what identifies a new object: its uid and, in whole seconds, its birth."""
    metadata = message.metadata
    metadata.uid = uid
    metadata.creation_timestamp.seconds = int(now.timestamp())


def of_server(kind: Kind, name: str, now: datetime) -> Any:
    """Return a new object that the server makes of its own accord, with what identifies it."""
    message: Any = kind.resource.message_class()
    message.api_version, message.kind = kind.resource.api_version, kind.resource.kind
    message.metadata.name = name
    stamp(message, now, new_uid())
    return message


def changed(old: Any, new: Any) -> Iterator[errors.Violation]:
    """Yield what ``new`` changes of the system fields that only the server may change.

    Leaving one out changes nothing. Other system fields are ignored, as in Kubernetes.
    """
    for path, name in _SET_BY_DELETION.items():
        before, after = old.metadata, new.metadata
        if not after.HasField(name):
            continue
        value = getattr(after, name)
        if not before.HasField(name) or getattr(before, name) != value:
            yield from _immutable(path, value)
    if new.metadata.uid and new.metadata.uid != old.metadata.uid:
        yield from _immutable("metadata.uid", new.metadata.uid)


def restore(given: Any, new: Any) -> None:
    """Give a new object back what the server has given it, whatever admission made of that."""
    for name in (*_WIPED_ON_CREATE, "generation"):
        fields.replace(new.metadata, given.metadata, name)
    new.metadata.ClearField("resource_version")


def _immutable(path: str, value: Any) -> Iterator[errors.Violation]:
    # Two of Kubernetes' validations look at them, so that it tells each as two causes.
    yield violations.invalid(path, value, "field is immutable")
    yield violations.invalid(path, value, "field is immutable")


def keep(old: Any, new: Any) -> None:
    """Carry the system fields of ``old`` over to its replacement."""
    for name in _KEPT_ON_UPDATE:
        fields.replace(new.metadata, old.metadata, name)
    new.metadata.ClearField("resource_version")

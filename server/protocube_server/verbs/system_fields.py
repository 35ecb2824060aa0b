"""The system fields of an object: who sets them and when."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from protocube_server.verbs.randomness import Randomness

if TYPE_CHECKING:
    from datetime import datetime

_random = Randomness(os.urandom)

_WIPED_ON_CREATE = (
    "self_link",
    "uid",
    "generation",
    "creation_timestamp",
    "deletion_timestamp",
    "deletion_grace_period_seconds",
    "managed_fields",
)
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


def keep(old: Any, new: Any) -> None:
    """Carry the system fields of ``old`` over to its replacement."""
    for name in _KEPT_ON_UPDATE:
        field = old.metadata.DESCRIPTOR.fields_by_name[name]
        new.metadata.ClearField(name)
        if field.is_repeated:
            getattr(new.metadata, name).extend(getattr(old.metadata, name))
        elif field.message_type is not None:
            if old.metadata.HasField(name):
                getattr(new.metadata, name).CopyFrom(getattr(old.metadata, name))
        elif not field.has_presence or old.metadata.HasField(name):
            setattr(new.metadata, name, getattr(old.metadata, name))
    new.metadata.ClearField("resource_version")


def replace(target: Any, source: Any, name: str) -> None:
    """Make a message field of ``target`` equal to that of ``source``."""
    target.ClearField(name)
    if source.HasField(name):
        getattr(target, name).CopyFrom(getattr(source, name))

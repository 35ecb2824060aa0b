"""Cells of StorageClasses, CSI drivers and what they attach."""

from __future__ import annotations

from typing import Any

from protocube.tables.kinds import missing

_DEFAULT_ANNOTATIONS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)


def is_default(storage_class: Any) -> bool:
    """Tell whether volumes that name no class get this one, in the annotation of today or old."""
    annotations = storage_class.metadata.annotations
    return any(annotations.get(key) == "true" for key in _DEFAULT_ANNOTATIONS)


def class_name(storage_class: Any, _now: float) -> str:
    """Return the name, and whether the class is the default one."""
    name = str(storage_class.metadata.name)
    return f"{name} (default)" if is_default(storage_class) else name


def allow_volume_expansion(storage_class: Any, _now: float) -> str:
    """Tell whether volumes can grow; they cannot when nothing is said."""
    return "true" if storage_class.allow_volume_expansion else "false"


def attached_volume(attachment: Any, _now: float) -> str:
    """Return the volume that is attached; it has no name when it is written inline."""
    return str(attachment.spec.source.persistent_volume_name)


def token_requests(driver: Any, _now: float) -> str:
    """Return the audiences of the tokens that a driver wants."""
    requests = driver.spec.token_requests
    return ",".join(one.audience for one in requests) if requests else missing.UNSET


def capacity(item: Any, _now: float) -> str:
    """Return the room of a CSIStorageCapacity."""
    return str(item.capacity) if item.HasField("capacity") else missing.UNSET

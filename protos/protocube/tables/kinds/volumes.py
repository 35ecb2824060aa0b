"""Cells of PersistentVolumes and of the claims to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables.kinds import missing

if TYPE_CHECKING:
    from collections.abc import Collection

_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"


def status(item: Any, _now: float) -> str:
    """Return the phase of a volume or claim, unless it is being deleted."""
    if item.metadata.HasField("deletion_timestamp"):
        return "Terminating"
    return str(item.status.phase)


def storage_class(item: Any, _now: float) -> str:
    """Return the class of a volume or claim, where the annotation of old goes first."""
    annotations = item.metadata.annotations
    if _CLASS_ANNOTATION in annotations:
        return str(annotations[_CLASS_ANNOTATION])
    return str(item.spec.storage_class_name)


def attributes_class(item: Any, _now: float) -> str:
    """Return the class of the attributes that a volume or claim can change."""
    return _if_set(item.spec, "volume_attributes_class_name")


def mode(item: Any, _now: float) -> str:
    """Return ``Filesystem`` or ``Block``."""
    return _if_set(item.spec, "volume_mode")


def capacity(volume: Any, _now: float) -> str:
    """Return the size of a volume."""
    return _storage(volume.spec)


def access_modes(volume: Any, _now: float) -> str:
    """Return how a volume can be used."""
    return _short_modes(volume.spec.access_modes)


def claim(volume: Any, _now: float) -> str:
    """Return who has the volume, as ``namespace/name``."""
    if not volume.spec.HasField("claim_ref"):
        return ""
    return f"{volume.spec.claim_ref.namespace}/{volume.spec.claim_ref.name}"


def reason(volume: Any, _now: float) -> str:
    """Return why a volume is as it is, which is seldom said."""
    return str(volume.status.reason)


def claim_volume(item: Any, _now: float) -> str:
    """Return the volume of a claim."""
    return str(item.spec.volume_name)


def claim_capacity(item: Any, _now: float) -> str:
    """Return the size of what a claim got, nothing before it got something."""
    return _storage(item.status) if item.spec.volume_name else ""


def claim_access_modes(item: Any, _now: float) -> str:
    """Return how a claim can use what it got, nothing before it got something."""
    return _short_modes(item.status.access_modes) if item.spec.volume_name else ""


def _storage(holder: Any) -> str:
    return str(holder.capacity.get("storage", "0"))


def _short_modes(modes: Collection[str]) -> str:
    return ",".join(short for mode, short in _MODES.items() if mode in modes)


def _if_set(spec: Any, field: str) -> str:
    return str(getattr(spec, field)) if spec.HasField(field) else missing.UNSET

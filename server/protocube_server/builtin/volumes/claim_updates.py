"""What an update may change of a claim for storage: it may grow, and be bound once."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from protocube.manifests import quantities
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.named.change import Change, UpdateRule

_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"
_SIZE = "storage"


def _claim_spec(change: Change) -> Iterator[errors.Violation]:
    old, new, status = change.old, change.new, change.stored.status
    if _without_changeable(new, change) != _without_changeable(old, change):
        detail = (
            "spec is immutable after creation except resources.requests and "
            "volumeAttributesClassName for bound claims"
        )
        yield violations.forbidden(change.path, detail)
    if old.volume_mode != new.volume_mode:
        yield violations.invalid("volumeMode", new.volume_mode, "field is immutable")
    if _size(new) < _size(old) and _size(new) <= _parsed(status.capacity.get(_SIZE, "")):
        path = f"{change.path}.resources.requests.storage"
        yield violations.forbidden(path, "field can not be less than status.capacity")
    if status.HasField("current_volume_attributes_class_name"):
        path = f"{change.path}.volumeAttributesClassName"
        if not new.HasField("volume_attributes_class_name"):
            what = "nil"
        elif not new.volume_attributes_class_name:
            what = "empty string"
        else:
            return
        detail = "is forbidden when status.currentVolumeAttributesClassName is not nil"
        yield violations.forbidden(path, f"update to {what} {detail}")


def _without_changeable(spec: Any, change: Change) -> Any:
    """Return a copy in which what may change is what it was."""
    old = change.old
    kept = type(spec)()
    kept.CopyFrom(spec)
    if not old.volume_name:
        kept.ClearField("volume_name")
    if not old.HasField("storage_class_name"):
        # A class is given to a claim without one; the old way was an annotation.
        given = change.stored.metadata.annotations.get(_OLD_CLASS)
        if given is None or given == spec.storage_class_name:
            kept.ClearField("storage_class_name")
    if change.stored.status.phase == "Bound":
        kept.resources.requests.pop(_SIZE, None)
        kept.ClearField("volume_attributes_class_name")
    return kept


def _size(spec: Any) -> Fraction:
    return _parsed(spec.resources.requests.get(_SIZE, ""))


def _parsed(text: str) -> Fraction:
    return quantities.parse(text) or Fraction(0)


BY_NAME: dict[str, UpdateRule] = {"claim_spec": _claim_spec}

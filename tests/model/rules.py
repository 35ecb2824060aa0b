"""The rules that objects of the model must keep: a few, so that histories have refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.model.objects import Content, Kind

WRONG_LABEL = "not a label!"
WRONG_KEY = "not/a/key"
_PARTS_OF_REPLICAS = ("availableReplicas", "readyReplicas", "updatedReplicas")


def faults(kind: Kind, content: Content) -> Iterator[str]:
    """Yield the fields of a new or changed object that break a rule."""
    metadata = content.get("metadata", {})
    if WRONG_LABEL in metadata.get("labels", {}).values():
        yield "metadata.labels"
    if WRONG_KEY in content.get("data", {}):
        yield f"data[{WRONG_KEY}]"
    if kind.has_status:
        for part in ("spec", "status"):
            if content.get(part, {}).get("replicas", 0) < 0:
                yield f"{part}.replicas"
        status = content.get("status", {})
        for name in _PARTS_OF_REPLICAS:
            if status.get(name, 0) > status.get("replicas", 0):
                yield f"status.{name}"
        if content["spec"].get("minReadySeconds", 0) < 0:
            yield "spec.minReadySeconds"


def changed(old: Content, new: Content, *, is_going: bool) -> Iterator[str]:
    """Yield the fields that an update may not change so."""
    before = old.get("metadata", {}).get("finalizers", ())
    after = new.get("metadata", {}).get("finalizers", ())
    if is_going and set(after) - set(before):
        yield "metadata.finalizers"
    if old.get("immutable"):
        if not new.get("immutable"):
            yield "immutable"
        if old.get("data") != new.get("data"):
            yield "data"

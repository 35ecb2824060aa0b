"""Computed defaults of the kinds that make pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place


def _rolling_update(place: Place) -> None:
    """Steps are for rolling updates only."""
    if place.message.type == "RollingUpdate" and not place.message.HasField("rolling_update"):
        place.message.rolling_update.SetInParent()


def _stateful_set_strategy(place: Place) -> None:
    """Who names no strategy gets that of steps with all that belongs to it, and no one else."""
    if not place.message.type:
        place.message.type = "RollingUpdate"
        place.message.rolling_update.SetInParent()


def _labels_from_template(place: Place) -> None:
    """A ReplicationController selects, and is labelled as, what it makes."""
    labels = place.message.template.metadata.labels
    if not place.message.selector:
        place.message.selector.update(labels)
    if not place.root.metadata.labels:
        place.root.metadata.labels.update(labels)


BY_NAME: dict[str, Computed] = {
    "labels_from_template": _labels_from_template,
    "rolling_update": _rolling_update,
    "stateful_set_strategy": _stateful_set_strategy,
}

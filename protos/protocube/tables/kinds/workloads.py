"""Cells of what runs pods from a template: what is in the template and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables import labels

if TYPE_CHECKING:
    from collections.abc import Iterable


def ready(item: Any, _now: float) -> str:
    """Return ``ready/wanted`` of the replicas."""
    return f"{item.status.ready_replicas}/{item.spec.replicas}"


def containers(item: Any, _now: float) -> str:
    """Return the names of the template's containers."""
    return names(item.spec.template.spec.containers)


def container_images(item: Any, _now: float) -> str:
    """Return the images of the template's containers."""
    return images(item.spec.template.spec.containers)


def label_selector(item: Any, _now: float) -> str:
    """Return the selector of a kind that has a ``LabelSelector``."""
    return labels.selector(item.spec.selector)


def label_map(item: Any, _now: float) -> str:
    """Return the selector of a kind that can only ask for labels and their values."""
    return labels.text(item.spec.selector)


def node_selector(item: Any, _now: float) -> str:
    """Return the labels of the nodes that the template asks for."""
    return labels.text(item.spec.template.spec.node_selector)


def bare_containers(item: Any, _now: float) -> str:
    """Return the names of a PodTemplate's containers."""
    return names(item.template.spec.containers)


def bare_images(item: Any, _now: float) -> str:
    """Return the images of a PodTemplate's containers."""
    return images(item.template.spec.containers)


def bare_labels(item: Any, _now: float) -> str:
    """Return the labels of a PodTemplate's pods."""
    return labels.text(item.template.metadata.labels)


def names(listed: Iterable[Any]) -> str:
    """Join the names of containers."""
    return ",".join(container.name for container in listed)


def images(listed: Iterable[Any]) -> str:
    """Join the images of containers."""
    return ",".join(container.image for container in listed)

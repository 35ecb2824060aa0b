"""Computed defaults of pods and their templates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube.manifests import quantities
from protocube_server.builtin.pods import quality_of_service
from protocube_server.kinds import conditions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.place import Computed, Place

_SCHEDULED = "PodScheduled"
_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_HOST = "(?:[A-Za-z0-9-]+(?:[.][A-Za-z0-9-]+)+(?::[0-9]+)?|[A-Za-z0-9-]+:[0-9]+|localhost)"
_REFERENCE = re.compile(f"(?:{_HOST}/)?{_PART}(?:/{_PART})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]*)?")
"""An image's name as registries know it, without a digest."""


def _image_pull_policy(place: Place) -> None:
    """``Always`` for an image that can change under its name, else ``IfNotPresent``."""
    image = _image(place.message)
    if getattr(place.message, place.field) or not image:
        return
    reference, _, digest = image.partition("@")
    tag = reference.rpartition("/")[2].partition(":")[2]
    latest = tag == "latest" or not (tag or digest)
    if latest and not _REFERENCE.fullmatch(image.partition("@")[0]):
        latest = False  # Kubernetes asks for the tag of a name that it can read.
    setattr(place.message, place.field, "Always" if latest else "IfNotPresent")


def _image(message: Any) -> str:
    """Return the image of a container, or that of a volume."""
    names = message.DESCRIPTOR.fields_by_name
    return str(message.image if "image" in names else message.reference)


def _empty_dir(place: Place) -> None:
    """A volume that says nothing of what it is, is an empty folder."""
    if place.message.WhichOneof("source") is None:
        place.message.empty_dir.SetInParent()


def _requests_from_limits(place: Place) -> None:
    """What is limited and not asked for is asked for up to its limit."""
    if not _is_pod(place.root):
        return
    for name, limit in place.message.limits.items():
        # A limit that is no quantity is one fault, not two.
        if name not in place.message.requests and quantities.parse(limit) is not None:
            place.message.requests[name] = limit


def _host_network_port(place: Place) -> None:
    """On the node's network, a port is the node's port."""
    if _is_pod(place.root) and place.root.spec.host_network and not place.message.host_port:
        place.message.host_port = place.message.container_port


def _grace_period(place: Place) -> None:
    """No pod ends before it was asked to; a template keeps what it was given."""
    if place.message.termination_grace_period_seconds < 0 and _is_pod(place.root):
        place.message.termination_grace_period_seconds = 1


def _service_account(place: Place) -> None:
    """The account has two names, an old and a new; whichever is given, both are kept."""
    spec = place.message
    name = spec.service_account_name or spec.service_account
    if name:
        spec.service_account_name = spec.service_account = name


def _enable_service_links(place: Place) -> None:
    """A template keeps what it was given."""
    if _is_pod(place.root) and not place.message.HasField(place.field):
        place.message.enable_service_links = True


def _qos_class(place: Place) -> Iterator[None]:
    """Follows from what the containers ask for and are limited to, once for all."""
    if not place.message.qos_class:
        place.message.qos_class = yield from quality_of_service.of_pod(place.root.spec)


def _scheduling_gated(place: Place) -> None:
    """A new pod that must not be scheduled yet says so."""
    pod, status = place.root, place.message
    is_new = not status.qos_class
    if is_new and pod.spec.scheduling_gates and conditions.find(status, _SCHEDULED) is None:
        status.conditions.add(
            type=_SCHEDULED,
            status=conditions.FALSE,
            reason="SchedulingGated",
            message="Scheduling is blocked due to non-empty scheduling gates",
            last_transition_time=pod.metadata.creation_timestamp,
        )


def _is_pod(root: Any) -> bool:
    """Tell a pod from an object that holds a pod's template, which keeps what it was given."""
    spec = root.DESCRIPTOR.fields_by_name.get("spec")
    return spec is not None and "containers" in spec.message_type.fields_by_name


BY_NAME: dict[str, Computed] = {
    "empty_dir": _empty_dir,
    "enable_service_links": _enable_service_links,
    "grace_period": _grace_period,
    "host_network_port": _host_network_port,
    "image_pull_policy": _image_pull_policy,
    "qos_class": _qos_class,
    "requests_from_limits": _requests_from_limits,
    "scheduling_gated": _scheduling_gated,
    "service_account": _service_account,
}

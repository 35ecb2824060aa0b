"""Defaults that depend on other fields, by the name that a field option gives them.

Each is called after the constant defaults of the message that declares the field and
before those of the messages below it. They are the only place where the server knows
a field by name beyond ``metadata``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube_server.kinds import quality_of_service, quantities

if TYPE_CHECKING:
    from google.protobuf.descriptor import FieldDescriptor


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a default is asked for."""

    root: Any
    """The whole object."""
    message: Any
    """The message that declares the field."""
    field: str
    """The field's name."""


Computed = Callable[[Place], None]


def named(name: str, field: FieldDescriptor) -> Computed:
    """Give the computed default that ``field`` asks for. Raises ``ValueError``."""
    try:
        return _BY_NAME[name]
    except KeyError:
        known = ", ".join(sorted(_BY_NAME))
        message = f"{field.full_name}: no computed default {name!r}; there are {known}"
        raise ValueError(message) from None


def _image_pull_policy(place: Place) -> None:
    """``Always`` for an image that can change under its name, else ``IfNotPresent``."""
    image = _image(place.message)
    if getattr(place.message, place.field) or not image:
        return
    reference, _, digest = image.partition("@")
    tag = reference.rpartition("/")[2].partition(":")[2]
    latest = tag == "latest" or not (tag or digest)
    setattr(place.message, place.field, "Always" if latest else "IfNotPresent")


def _image(message: Any) -> str:
    """Give the image of a container, or that of a volume."""
    names = message.DESCRIPTOR.fields_by_name
    return str(message.image if "image" in names else message.reference)


def _string_data(place: Place) -> None:
    """Write-only text becomes bytes, over ``data`` of the same key."""
    for key, text in place.message.string_data.items():
        place.message.data[key] = text.encode()
    place.message.ClearField("string_data")


def _empty_dir(place: Place) -> None:
    """A volume that says nothing of what it is, is an empty folder."""
    if place.message.WhichOneof("source") is None:
        place.message.empty_dir.SetInParent()


def _rolling_update(place: Place) -> None:
    """Steps are for rolling updates only."""
    if place.message.type == "RollingUpdate" and not place.message.HasField("rolling_update"):
        place.message.rolling_update.SetInParent()


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


def _qos_class(place: Place) -> None:
    """Follows from what the containers ask for and are limited to, once for all."""
    if not place.message.qos_class:
        place.message.qos_class = quality_of_service.of_pod(place.root.spec)


def _is_pod(root: Any) -> bool:
    """Tell a pod from an object that holds a pod's template, which keeps what it was given."""
    spec = root.DESCRIPTOR.fields_by_name.get("spec")
    return spec is not None and "containers" in spec.message_type.fields_by_name


_BY_NAME: dict[str, Computed] = {
    "empty_dir": _empty_dir,
    "host_network_port": _host_network_port,
    "image_pull_policy": _image_pull_policy,
    "qos_class": _qos_class,
    "requests_from_limits": _requests_from_limits,
    "rolling_update": _rolling_update,
    "string_data": _string_data,
}

"""Defaults that depend on other fields, by the name that a field option gives them.

Each is called after the constant defaults of the message that declares the field and
before those of the messages below it. They are the only place where the server knows
a field by name beyond ``metadata``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.kinds import options
from protocube_server.kinds.computed import (
    access,
    autoscalers,
    custom_resources,
    devices,
    jobs,
    limit_ranges,
    namespaces,
    nodes,
    pods,
    secrets,
    services,
    volume_claims,
    volumes,
    workloads,
)
from protocube_server.kinds.computed.place import Computed, Place

if TYPE_CHECKING:
    from google.protobuf.descriptor import FieldDescriptor

__all__ = ["Computed", "Place", "named"]

_BY_NAME: dict[str, Computed] = {
    **access.BY_NAME,
    **autoscalers.BY_NAME,
    **custom_resources.BY_NAME,
    **devices.BY_NAME,
    **jobs.BY_NAME,
    **limit_ranges.BY_NAME,
    **namespaces.BY_NAME,
    **nodes.BY_NAME,
    **pods.BY_NAME,
    **secrets.BY_NAME,
    **services.BY_NAME,
    **volume_claims.BY_NAME,
    **volumes.BY_NAME,
    **workloads.BY_NAME,
}


def named(name: str, field: FieldDescriptor) -> Computed:
    """Give the computed default that ``field`` asks for. Raises ``ValueError``."""
    return options.named(_BY_NAME, name, what="computed default", where=field.full_name)

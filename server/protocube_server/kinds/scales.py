"""The Scale of an object: its number of replicas, wherever its kind keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import memo
from protocube.tables import labels
from protocube_server.kinds import field_names
from protocube_server.kinds.expressible import Expressible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube.catalog import Resource

_API_VERSION, _KIND = "autoscaling/v1", "Scale"


_NONE = "-"
"""The path of a selector of a kind that has none."""


class Scales:
    """Reads and writes the Scales of one kind. Made for a kind with that subresource."""

    def __init__(self, resource: Resource) -> None:
        """Raises ``ValueError`` when a path of the option leads nowhere."""
        paths = resource.options.scale
        wanted = paths.spec_replicas or "spec.replicas"
        self.replicas = tuple(wanted.removeprefix(".").split("."))
        """The JSON names that lead to the number that is wanted."""
        self._wanted = _resolve(resource, wanted)
        self._present = _resolve(resource, paths.status_replicas or "status.replicas")
        selector = paths.selector or "spec.selector"
        self._selector = _resolve(resource, selector) if selector != _NONE else ()
        # Of the kind's own descriptor pool.
        self.message_class = resource.response_class("GetScale")
        """The message of a Scale."""

    @memo.cached_property
    def expressible(self) -> Expressible:
        """What no Scale could carry."""
        descriptor: Any = self.message_class.DESCRIPTOR  # of one implementation or the other
        return Expressible(descriptor)

    def of(self, message: Any) -> Any:
        """Return the Scale of an object."""
        scale: Any = self.message_class()
        scale.api_version, scale.kind = _API_VERSION, _KIND
        source = message.metadata
        scale.metadata.name, scale.metadata.namespace = source.name, source.namespace
        scale.metadata.uid, scale.metadata.resource_version = source.uid, source.resource_version
        if source.HasField("creation_timestamp"):
            scale.metadata.creation_timestamp.CopyFrom(source.creation_timestamp)
        scale.spec.replicas = _value(message, self._wanted) or 0
        scale.status.replicas = _value(message, self._present) or 0
        selector = _value(message, self._selector) if self._selector else None
        if selector:
            scale.status.selector = _text(selector)
        return scale

    def with_replicas(self, message: Any, replicas: int) -> Any:
        """Return the object with another number of replicas."""
        changed = type(message)()
        changed.CopyFrom(message)
        *steps, last = self._wanted
        target = changed
        for step in steps:
            target = getattr(target, step)
        setattr(target, last, replicas)
        return changed


def _resolve(resource: Resource, path: str) -> Sequence[str]:
    """Return the contract's names of a path of the option, which can begin with a dot."""
    return field_names.path(resource.message_class, path.removeprefix("."))


def _value(message: Any, names: Sequence[str]) -> Any:
    """Return what is at a path, ``None`` where a message on the way is not set."""
    value = message
    *steps, last = names
    for step in steps:
        if not value.HasField(step):
            return None
        value = getattr(value, step)
    return getattr(value, last)


def _text(selector: Any) -> str:
    """Return a selector of any of the three forms as text."""
    if isinstance(selector, str):
        return selector
    if hasattr(selector, "match_labels"):
        has_terms = selector.match_labels or selector.match_expressions
        return labels.selector(selector) if has_terms else ""
    return ",".join(f"{key}={value}" for key, value in sorted(selector.items()))

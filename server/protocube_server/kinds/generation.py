"""``metadata.generation``, and an annotation like it: which changes of an object they count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube import descriptor_options, errors
from protocube.api.v1 import resource_pb2
from protocube_server.kinds import field_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube.catalog import Resource

_INTEGER = re.compile("[+-]?[0-9]{1,18}", re.ASCII)
_NOT_COUNTED = ("api_version", "kind", "metadata", "status")
"""The status last."""


class Generation:
    """The generation of the objects of one kind."""

    def __init__(self, resource: Resource) -> None:
        """Raises ``ValueError`` when a path of the option leads nowhere."""
        policy = resource.options.generation
        fields = resource.descriptor.fields_by_name
        if policy == resource_pb2.GENERATION_UNSPECIFIED and "spec" in fields:
            policy = resource_pb2.GENERATION_COUNTED
        counted, created = resource_pb2.GENERATION_COUNTED, resource_pb2.GENERATION_CREATED
        self._begins = policy in (counted, created)
        self._counts = policy in (counted, resource_pb2.GENERATION_CHANGED)
        # In custom kinds without that subresource a status is a field as any other.
        has_status = resource_pb2.SUBRESOURCE_STATUS in resource.subresources
        is_counted = descriptor_options.is_of_schema(resource.descriptor) and not has_status
        others = _NOT_COUNTED[:-1] if is_counted else _NOT_COUNTED
        self._fields = tuple(name for name in fields if name not in others)
        self._metadata = tuple(
            _metadata_field(resource, path) for path in resource.options.generation_counts
        )
        self._counter = _Counter(resource) if resource.options.HasField("counter") else None

    def begin(self, message: Any) -> None:
        """Let a new object be of the first generation, where its kind has any.

        Kinds without keep what a manifest says, as in Kubernetes. Raises ``errors.BadRequest``
        for a counting annotation that is no number.
        """
        if self._counter is not None:
            self._counter.begin(message)
        if self._begins:
            message.metadata.generation = 1

    def keep(self, old: Any, new: Any) -> None:
        """Let an object count as the old one does, whose generation it has already.

        Raises ``errors.BadRequest`` as :meth:`begin`.
        """
        if self._counter is not None:
            self._counter.keep(old, new)

    def count(self, old: Any, new: Any) -> None:
        """Let a changed object, which counts as the old one, count one more.

        In a counting annotation ``old`` then counts as many: it is nobody's change.
        """
        if self._counter is not None:
            self._counter.count(old, new)
        if self._counts and self._differ(old, new):
            new.metadata.generation = old.metadata.generation + 1

    def copy(self, message: Any, other: Any) -> None:
        """Let another form of an object have the same counts."""
        other.metadata.generation = message.metadata.generation
        if self._counter is not None:
            self._counter.copy(message, other)

    def has_changed(self, old: Any, new: Any) -> bool:
        """Tell whether a change was counted; one of a kind that counts none always was."""
        return not self._counts or old.metadata.generation != new.metadata.generation

    def count_deletion(self, message: Any) -> None:
        """Let an object whose deletion begins be of the next generation, if it has any."""
        if message.metadata.generation:
            message.metadata.generation += 1

    def _differ(self, old: Any, new: Any) -> bool:
        return any(getattr(old, name) != getattr(new, name) for name in self._fields) or any(
            getattr(old.metadata, name) != getattr(new.metadata, name) for name in self._metadata
        )


class _Counter:
    """An annotation that counts the changes of a part."""

    def __init__(self, resource: Resource) -> None:
        """Raises ``ValueError`` when the path of the option leads nowhere."""
        self._resource = resource
        self._annotation = resource.options.counter.annotation
        path = resource.options.counter.path
        self._path = field_names.path(resource.message_class, path)

    def begin(self, message: Any) -> None:
        annotations = message.metadata.annotations
        annotations[self._annotation] = str(max(1, self._number(annotations)))

    def keep(self, old: Any, new: Any) -> None:
        self._number(new.metadata.annotations)
        annotation = self._annotation
        # An object of an older release has none.
        found = old.metadata.annotations.get(annotation, "1")
        new.metadata.annotations[annotation] = found

    def count(self, old: Any, new: Any) -> None:
        if self._part(old) == self._part(new):
            return
        counted = str(self._number(new.metadata.annotations) + 1)
        for message in (old, new):
            message.metadata.annotations[self._annotation] = counted

    def copy(self, message: Any, other: Any) -> None:
        annotation = self._annotation
        other.metadata.annotations[annotation] = message.metadata.annotations[annotation]

    def _number(self, annotations: Mapping[str, str]) -> int:
        """Return the count in an object's annotations, 0 for none."""
        text = annotations.get(self._annotation, "0")
        if _INTEGER.fullmatch(text):
            return int(text)
        kind = self._resource.kind
        raise errors.BadRequest(
            f"{kind} in version {errors.quote(self._resource.api_version)} cannot be handled as a "
            f"{kind}: strconv.ParseInt: parsing {errors.quote(text)}: invalid syntax"
        )

    def _part(self, message: Any) -> Any:
        for name in self._path:
            message = getattr(message, name)
        return message


def _metadata_field(resource: Resource, path: str) -> str:
    holder, *names = field_names.path(resource.message_class, path)
    if holder != "metadata" or len(names) != 1:
        raise ValueError(f"generation_counts: {path} is no field of the metadata")
    return names[0]

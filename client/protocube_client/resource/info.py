"""One object of the walk: what was read, what it is, and later what the server made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube.manifests.report import Report
    from protocube_client.request import Caller


@dataclass(slots=True, kw_only=True)
class Info:
    """An object on its way. Stations change it in place, as kubectl's do."""

    client: Caller | None
    """The way to the server; ``None`` for a walk that stays local."""
    mapping: Resource
    namespace: str
    """Empty for cluster-scoped kinds, and before a namespace was decided on."""
    name: str
    source: str
    """The file, directory or URL as the user named it; ``STDIN`` for standard input."""
    object: Message
    """The typed message, of ``mapping.message_class``."""
    raw: bytes
    """The document as it stood in the source; for an item of a List, the whole List."""
    line: int
    """The line of the source on which the document begins, from 1."""
    manifest: dict[str, Any]
    """The document as JSON data, with what was set since. Never changed in place."""
    decoded: Report
    """What of the manifest did not fit into the object."""
    resource_version: str = ""
    size: int = 0
    """The bytes of the source that it stands for."""

    @property
    def namespaced(self) -> bool:
        """Tell whether the kind lives in namespaces."""
        return self.mapping.namespaced

    def set_namespace(self, namespace: str) -> None:
        """Move the object into ``namespace``; an empty one takes the field away."""
        self.namespace = namespace
        metadata: Any = self.object
        metadata.metadata.namespace = namespace
        self._set_metadata("namespace", namespace)

    def set_annotation(self, key: str, value: str) -> None:
        """Add an annotation to the object."""
        message: Any = self.object
        message.metadata.annotations[key] = value
        self._add("annotations", key, value)

    def set_label(self, key: str, value: str) -> None:
        """Add a label to the object."""
        message: Any = self.object
        message.metadata.labels[key] = value
        self._add("labels", key, value)

    def refresh(self, message: Message) -> None:
        """Take over what the server answered."""
        answered: Any = message
        self.object = message
        self.name = answered.metadata.name
        self.namespace = answered.metadata.namespace
        self.resource_version = answered.metadata.resource_version

    def _add(self, field: str, key: str, value: str) -> None:
        metadata = self.manifest.get("metadata")
        known = metadata.get(field) if isinstance(metadata, dict) else None
        self._set_metadata(field, {**(known or {}), key: value})

    def _set_metadata(self, field: str, value: Any) -> None:
        # Parts of the manifest may be shared through YAML aliases.
        metadata = self.manifest.get("metadata")
        if metadata is None:
            metadata = {}
        if not isinstance(metadata, dict):
            return
        kept = {key: old for key, old in metadata.items() if key != field}
        if value:
            kept[field] = value
        if kept or "metadata" in self.manifest:
            self.manifest = {**self.manifest, "metadata": kept}


class ListInfo(Info):
    """A document with ``items``, before a FlattenListVisitor opened it.

    It has neither ``mapping`` nor ``object``: a ``v1`` List is of no kind.
    """

    __slots__ = ("items",)

    def __init__(
        self,
        *,
        client: Caller | None,
        source: str,
        raw: bytes,
        line: int,
        manifest: dict[str, Any],
        items: list[dict[str, Any]],
        resource_version: str,
    ) -> None:
        self.client = client
        self.source = source
        self.raw = raw
        self.line = line
        self.manifest = manifest
        self.items = items
        self.resource_version = resource_version
        self.namespace = self.name = ""
        self.size = len(raw)

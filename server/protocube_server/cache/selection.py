"""What a list or a watch asks for: part of a kind, by namespace and by selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.steps import finished
from protocube_server.cache import facts
from protocube_server.kinds import splice

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record


class Selection:
    """Some objects of one kind.

    Two of them are equal when they were asked for in the same words, so that what is
    worked out for one caller serves the others.
    """

    def __init__(
        self,
        kind: Kind,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        with_owners: bool = False,
        metadata_only: bool = False,
    ) -> None:
        """``with_owners`` asks for objects that tell who owns their fields.

        ``metadata_only`` asks for nothing of them but their type and metadata.

        Raises ``errors.BadRequest`` for a selector that cannot be understood.
        """
        self.kind = kind
        self.prefix = kind.prefix(namespace)
        """The storage keys of all that can be among them."""
        self._labels = kind.label_selector(labels)
        self._fields = kind.field_selector(fields)
        self.with_owners = with_owners
        self.metadata_only = metadata_only
        self._asked = (kind, self.prefix, labels, fields, with_owners, metadata_only)
        self._namespace = namespace
        self.fact = facts.asked(self._labels, self._fields)
        """What is so of all that is selected; ``None`` when that is nothing in particular."""

    def __eq__(self, other: object) -> bool:
        """Tell whether the other one was asked for in the same words."""
        return isinstance(other, Selection) and self._asked == other._asked

    def __hash__(self) -> int:
        """Follow from what was asked for."""
        return hash(self._asked)

    @property
    def has_selectors(self) -> bool:
        """Whether an object has to be parsed to tell whether it is selected."""
        return bool(self._labels) or bool(self._fields)

    @property
    def names_one(self) -> bool:
        """Whether there is one object at most that can be selected, because it is named."""
        if self._namespace or not self.kind.resource.namespaced:
            return self._fields.value_of("metadata.name") is not None
        return False

    def matches(self, record: Record) -> bool:
        """Tell whether a record below the prefix is selected.

        Raises ``errors.Damaged`` when it has to be read for that, and cannot be.
        """
        return not self.has_selectors or self._matches(self.kind.read(record))

    def answer(self, record: Record) -> bytes | None:
        """Return a record below the prefix as callers get it, ``None`` when it is not selected.

        Raises ``errors.Damaged``.
        """
        return self.answer_at(record) if self.matches(record) else None

    def answer_at(self, record: Record, revision: int = 0) -> bytes:
        """Return a record as callers get it, at ``revision`` or else at its own.

        Raises ``errors.Damaged``.
        """
        answer = self.kind.answer_of(record, revision)
        if self.with_owners:
            answer = finished(self.kind.owners.shown(record.value, answer))
        return splice.head(answer) if self.metadata_only else answer

    def items(self, items: list[bytes]) -> list[bytes]:
        """Return objects that are framed for a list in the form that is asked for."""
        if not self.metadata_only:
            return items
        resource, cut = self.kind.resource, splice.item_head
        names = splice.names(resource.api_version, resource.kind)
        return [cut(item, names) for item in items]

    def matches_answer(self, answer: bytes) -> bool:
        """Tell whether an object below the prefix, as callers get it, is selected."""
        if not self.has_selectors:
            return True
        return self._matches(self.kind.resource.message_class.FromString(answer))

    def _matches(self, message: Any) -> bool:
        if not self._labels.matches(message.metadata.labels):
            return False
        return not self._fields or self._fields.matches(self.kind.field_values(message))

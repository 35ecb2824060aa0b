"""A JSON document that is being changed, while the one it was made of stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.patching import pointers
from protocube.patching.refusal import DoesNotApply

if TYPE_CHECKING:
    from collections.abc import Sequence


class Draft:
    """Lists and objects are copied when they are first changed, and only those on the way there.

    All paths are those of :func:`pointers.steps`. What cannot be done raises
    :class:`DoesNotApply`; the draft must not be used after that.
    """

    def __init__(self, document: Any) -> None:
        self.document = document
        self._own: dict[int, Any] = {}
        """The containers that no other document has a part in, by identity."""

    def read(self, path: Sequence[str]) -> Any:
        """Return the value at ``path``, ``None`` for a member that its object does not have."""
        holder: Any = self.document
        for step in path[:-1]:
            holder = self._child(holder, step)
        found = pointers.key(holder, path[-1])
        return holder.get(found) if isinstance(holder, dict) else holder[found]

    def add(self, path: Sequence[str], value: Any) -> None:
        """Insert a value into a list, or set a member."""
        holder = self._holder(path)
        found = pointers.insertion(holder, path[-1])
        if isinstance(holder, list):
            holder.insert(found, value)
        else:
            holder[found] = value

    def replace(self, path: Sequence[str], value: Any) -> None:
        """Replace an element of a list, or set a member."""
        holder = self._holder(path)
        holder[pointers.key(holder, path[-1])] = value

    def remove(self, path: Sequence[str]) -> Any:
        """Remove an element or a member, and return its value."""
        holder = self._holder(path)
        found = pointers.key(holder, path[-1])
        if isinstance(holder, dict) and found not in holder:
            raise DoesNotApply
        return holder.pop(found)

    def _holder(self, path: Sequence[str]) -> Any:
        """Return what holds the last step of ``path``, as the draft's own."""
        self.document = holder = self._owned(self.document)
        for step in path[:-1]:
            child = self._owned(self._child(holder, step))
            holder[pointers.key(holder, step)] = child
            holder = child
        return holder

    @staticmethod
    def _child(holder: Any, step: str) -> Any:
        found = pointers.key(holder, step)
        if isinstance(holder, dict) and found not in holder:
            raise DoesNotApply
        return holder[found]

    def _owned(self, container: Any) -> Any:
        if id(container) in self._own:
            return container
        if not isinstance(container, dict | list):
            raise DoesNotApply
        copy = container.copy()
        self._own[id(copy)] = copy
        return copy

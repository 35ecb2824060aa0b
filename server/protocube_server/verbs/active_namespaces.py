"""Which namespaces were active when they were last read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.storage.base import Guard

if TYPE_CHECKING:
    from protocube_server.storage.base import Record

_MOST_REMEMBERED = 10_000


class ActiveNamespaces:
    """Namespaces that were active when they were last read, and their revisions then.

    What was read may have changed since: it is good as the guard of a write and for
    nothing else.
    """

    def __init__(self) -> None:
        self._guards: dict[str, Guard] = {}

    def get(self, namespace: str) -> Guard | None:
        """Return the guard of a namespace that was read."""
        return self._guards.get(namespace)

    def add(self, namespace: str, record: Record) -> Guard:
        """Remember a namespace that was just read."""
        if len(self._guards) >= _MOST_REMEMBERED:
            del self._guards[next(iter(self._guards))]
        guard = self._guards[namespace] = Guard(key=record.key, revision=record.mod_revision)
        return guard

    def discard(self, namespace: str) -> None:
        """Read it anew next time."""
        self._guards.pop(namespace, None)

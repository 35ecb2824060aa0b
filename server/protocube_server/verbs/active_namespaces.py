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
    nothing else. All of it is of one incarnation of the store, which each caller names.
    """

    def __init__(self) -> None:
        self._guards: dict[str, Guard] = {}
        self._incarnation = ""

    def get(self, namespace: str, *, incarnation: str) -> Guard | None:
        """Return the guard of a namespace that was read."""
        self._settle(incarnation)
        return self._guards.get(namespace)

    def add(self, namespace: str, record: Record, *, incarnation: str) -> Guard:
        """Remember a namespace that was just read."""
        self._settle(incarnation)
        if len(self._guards) >= _MOST_REMEMBERED:
            del self._guards[next(iter(self._guards))]
        guard = self._guards[namespace] = Guard(key=record.key, revision=record.mod_revision)
        return guard

    def _settle(self, incarnation: str) -> None:
        """Drop what was read in another incarnation."""
        if incarnation != self._incarnation:
            self._incarnation, self._guards = incarnation, {}

    def discard(self, namespace: str) -> None:
        """Read it anew next time."""
        self._guards.pop(namespace, None)

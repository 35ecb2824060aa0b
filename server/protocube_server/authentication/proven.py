"""What was proven before, for the calls that show the same again: nearly all do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube_server.authentication.digests import Digests

if TYPE_CHECKING:
    from protocube_server.authentication.identity import Identity

_MOST: Final = 4096
"""Entries whose identities are kept."""


class Proven:
    """Identities by digests of the ``authorization`` entries that proved them.

    Entries are kept as ``bearer.entry`` writes them: whoever has a token can write it in any
    number of ways, and would take the room of others.
    """

    def __init__(self) -> None:
        self._digest = Digests()
        self._begun = self._digest.begun
        self._identities: dict[bytes, Identity] = {}

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._identities)

    def find(self, entry: str) -> Identity | None:
        """Return whom an entry has proven before, and still proves."""
        # In one function: what nearly every call does is cold each time.
        begun = self._begun()
        begun.update(entry.encode("utf-8", "surrogateescape"))
        digest = begun.digest()
        found = self._identities.get(digest)
        if found is None or found.is_valid():
            return found
        del self._identities[digest]
        return None

    def clear(self) -> None:
        """Forget all: each is to be proven anew."""
        self._identities.clear()

    def keep(self, entry: str, identity: Identity) -> None:
        """Remember whom an entry proves."""
        self._identities[self._digest(entry)] = identity
        if len(self._identities) > _MOST:
            del self._identities[next(iter(self._identities))]

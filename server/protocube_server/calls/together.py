"""What calls have in common whose writes are one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from protocube_server.storage.base import Put

Entry = tuple[bytes, int]
"""A key of the store, and the revision at which it was read."""


class Changed(Protocol):
    """An entry that several calls of a transaction change, each by what it adds."""

    def put(self) -> Put:
        """Return the write that has what all of them add. That of a single call is a part of it."""
        ...


ChangedTogether = dict[Entry, Changed]
"""The entries that calls of one transaction change together."""

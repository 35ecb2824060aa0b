"""A store that gives one record where a page is asked for: every reader comes to its next page.

The contract lets it: a limit is the most that is given, and ``more`` says that there is more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.storage import url
from protocube_server.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    import pytest

    from protocube_server.storage import base


class SmallPages(SqliteStore):
    """An SQLite store with the smallest pages that there are."""

    async def list(
        self, prefix: bytes, *, start: bytes = b"", limit: int = 0, at: int = 0
    ) -> base.Page:
        """See :meth:`base.Store.list`."""
        return await super().list(prefix, start=start, limit=min(limit, 1), at=at)


def use(patch: pytest.MonkeyPatch) -> None:
    """Let what opens an SQLite store by its URL get such a one."""
    patch.setattr(url, "SqliteStore", SmallPages)

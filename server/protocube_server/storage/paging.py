"""Going through a prefix page by page, at one revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.storage import base

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.storage.base import Page, Store


async def pages(
    store: Store, prefix: bytes, *, limit: int, start: bytes = b"", at: int = 0
) -> AsyncGenerator[Page, None]:
    """Yield what is below ``prefix`` and not before ``start``, at revision ``at``, page by page.

    There is one page at least, and up to ``limit`` records are in each. Without ``at`` the first
    page sets the revision that all of them are of. Raises as
    :meth:`base.Store.list` does, ``errors.Expired`` when a compaction overtakes it, or when
    the store goes back in time.
    """
    incarnation = ""
    while True:
        page = await store.list(prefix, start=start, limit=limit, at=at)
        if incarnation and store.incarnation != incarnation:
            raise base.gone_back()
        at, incarnation = page.revision, store.incarnation
        yield page
        if not page.more:
            return
        start = behind(page)


def behind(page: Page) -> bytes:
    """Return where the page after one with records starts."""
    return page.records[-1].key + b"\0"

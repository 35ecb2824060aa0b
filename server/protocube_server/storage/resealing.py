"""Sealing what a store holds with today's keys, while servers go on; and what it is sealed with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from protocube_server.storage import keys
from protocube_server.storage.base import Put, Refused
from protocube_server.storage.sealing import marks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from protocube_server.storage.base import Record, Store
    from protocube_server.storage.sealing.marks import Mark

_PAGE: Final = 100


@dataclass(slots=True, kw_only=True)
class Resealed:
    """What was done."""

    written: int = 0
    """Values that were written anew."""
    faults: list[str] = field(default_factory=list)
    """What could not be opened, and stays as it is."""


async def reseal(store: Store, prefix: str, told: Callable[[int], None]) -> Resealed:
    """Write all values anew that are sealed otherwise than they would be today.

    ``store`` has the seals, behind whatever else there is.
    Each is written only as it was read, so no other write is lost; what was done stays done when it
    is interrupted. ``told`` is given how many values were looked at. Raises as a store does.
    """
    done = Resealed()
    async for records in _pages(store, keys.root(prefix)):
        for record in records:
            if record.fault:
                done.faults.append(f"{keys.relative(prefix, record.key)}: {record.fault}")
            done.written += await _reseal(store, record)
        told(len(records))
    return done


async def _reseal(store: Store, record: Record) -> bool:
    current: Record | None = record
    while current is not None and current.stale:
        put = Put(key=current.key, value=current.value, expected=current.mod_revision)
        (outcome,) = await store.write((put,))
        if not isinstance(outcome, Refused):
            return True
        # Another write was faster, perhaps by a server that has the older keys.
        current = outcome.current
    return False


async def count(store: Store, prefix: str) -> Counter[tuple[str, Mark | None]]:
    """Count the values of each kind by what they are sealed with; ``None`` is by nothing.

    ``store`` is the one behind the seals. The server's own entries count where they are sealed.
    """
    found: Counter[tuple[str, Mark | None]] = Counter()
    async for records in _pages(store, keys.root(prefix)):
        for record in records:
            mark = marks.read(record.value)
            match keys.parse(prefix, record.key):
                case keys.ObjectKey(resource=resource):
                    found[resource, mark] += 1
                case keys.SystemKey(area=area) if mark is not None:
                    found[f"~{area}", mark] += 1
    return found


async def _pages(store: Store, root: bytes) -> AsyncGenerator[tuple[Record, ...], None]:
    """Yield all below ``root``, page by page, each of the newest revision.

    The history of one moment might be compacted before a long work is done.
    """
    start = b""
    while True:
        page = await store.list(root, start=start, limit=_PAGE)
        yield page.records
        if not page.more:
            return
        start = page.records[-1].key + b"\0"

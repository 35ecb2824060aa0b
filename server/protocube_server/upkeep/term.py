"""One server's time as the leader, and the guard that its workers write under."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from protocube_server.storage.base import Guard, GuardFailed

if TYPE_CHECKING:
    from protocube_server.storage.base import Record, Set, SetDone, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the key of the leadership holds. There is no time in it."""

    holder: str
    """The server that leads; empty once it has given up the leadership."""
    epoch: int
    """How many servers have led, this one included."""
    renewal: int
    """How often it has renewed the claim."""

    @classmethod
    def read(cls, record: Record | None) -> Self:
        """Return the claim of a record. One that cannot be read is an unknown server's."""
        if record is None:
            return cls(holder="", epoch=0, renewal=0)
        try:
            found = json.loads(record.value)
            return cls(
                holder=str(found["holder"]),
                epoch=int(found["epoch"]),
                renewal=int(found["renewal"]),
            )
        except (ValueError, TypeError, KeyError, RecursionError):
            return cls(holder="unknown", epoch=0, renewal=0)

    def value(self) -> bytes:
        """Return the bytes to store."""
        return json.dumps(dataclasses.asdict(self)).encode()


class Term:
    """The time between taking the leadership and losing it.

    Every write of a worker goes through :meth:`apply`, so that a server that does not know
    yet that another one leads cannot write. On a server whose transactions have no room for
    guards (kine) the guard is looked at just before, and a write may slip past.
    """

    def __init__(self, store: Store, claim: Claim, *, key: bytes, revision: int) -> None:
        self.epoch = claim.epoch
        """Grows with every term of any server."""
        self.lost = asyncio.Event()
        """Set when a write found that another server leads."""
        self._store = store
        self._holder = claim.holder
        self._key = key
        self._revision = revision
        self._incarnation = store.incarnation

    @property
    def guard(self) -> Guard:
        """The condition that this term still lasts: the key is at its newest known revision."""
        return Guard(key=self._key, revision=self._revision)

    async def apply(self, together: Set) -> SetDone:
        """Make the writes of a set under the guard of this term.

        Raises ``GuardFailed`` for the leadership's key when another server leads, and what
        :meth:`Store.apply` raises. A renewal meanwhile, which moves the key, is no obstacle.
        """
        while True:
            guarded = dataclasses.replace(together, guards=(*together.guards, self.guard))
            try:
                return await self._store.apply(guarded)
            except GuardFailed as failed:
                if failed.key != self._key or not self.adopt(failed.current):
                    raise

    def renewed(self, revision: int) -> None:
        """Go on from a renewal that was made at ``revision``."""
        self._revision = max(self._revision, revision)

    def adopt(self, record: Record | None) -> bool:
        """Go on from ``record`` when it is a claim of this term; tell whether it is.

        A term ends with the incarnation of the store that it was claimed in: its older claim,
        which a backup brought back, is at a revision before those of its renewals.
        """
        claim = Claim.read(record)
        is_ours = (claim.holder, claim.epoch) == (self._holder, self.epoch)
        if record is None or not is_ours or self._store.incarnation != self._incarnation:
            self.lost.set()
            return False
        self.renewed(record.mod_revision)
        return True

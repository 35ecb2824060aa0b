"""Bulk requests with an id: what is done of one is done once, however often it is repeated.

A request's first server writes a claim under
``<prefix>/~system/requests/<hash of caller and id>``. Each of its writes has the claim at its
revision for a condition, and goes with a record of what it writes. Who repeats the request takes
the claim over: from then on no write of the first one can happen, and the records say what has.
:mod:`protocube_server.upkeep.expiry.records` removes all of it after a while.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from protocube import errors
from protocube_server.storage import keys, paging
from protocube_server.storage.base import ConditionFailed, Guard, Put, Refused, Remove

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from protocube_server.storage.base import Outcome, Record, Store
    from protocube_server.verbs.bulk.gathering import Waiting

    KeyOf = Callable[..., bytes]

_USED = "request id was used for another request"
_LOST = "the request was begun again elsewhere, with the same request id"
_GONE = "the write was made at revision {}, and what it did is not known any more: read the object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a request is known by."""

    caller: str
    id: str
    digest: str
    """Of all that it asks for."""

    @property
    def place(self) -> str:
        """The last segment of the keys."""
        return hashlib.sha256(f"{self.caller}\0{self.id}\0bulk".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to make the writes of a request."""

    guard: Guard
    """Holds as long as it is not taken over."""
    key_of_record: Callable[[str], bytes]

    def record_of(self, waiting: Sequence[Waiting]) -> Put:
        """Return the record of writes that are about to be made."""
        entries = [
            [each.call, write.key.decode(), isinstance(write, Remove)]
            for each in waiting
            for write in each.writes
        ]
        key = self.key_of_record(secrets.token_hex(8))
        return Put(key=key, value=json.dumps(entries).encode(), expected=0)

    def is_lost_by(self, outcome: Outcome) -> bool:
        """Tell whether a write was refused because the claim was taken over."""
        return isinstance(outcome, Refused) and outcome.by_guard and outcome.key == self.guard.key

    def lost(self) -> errors.Conflict:
        """Return the failure of such a write."""
        return errors.Conflict(_LOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A write of which there is a record. Whether it happened is for the store to say."""

    key: bytes
    is_removal: bool
    revision: int

    async def happened(self, store: Store) -> Record | None:
        """Return what was written, or removed, if it happened.

        Raises ``errors.Expired`` when that is not known any more.
        """
        try:
            found = await self._at(store, self.revision)
            if not self.is_removal:
                return found if found and found.mod_revision == self.revision else None
            return await self._at(store, self.revision - 1) if found is None else None
        except errors.Expired:
            raise errors.Expired(_GONE.format(self.revision)) from None

    async def _at(self, store: Store, revision: int) -> Record | None:
        page = await store.list(self.key, limit=1, at=revision)
        return next((record for record in page.records if record.key == self.key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A request that may go on, and what was recorded of it before."""

    claim: Claim
    entries: Mapping[int, Sequence[Entry]]
    """By the number of the write in the request, in the order in which they were made."""

    @classmethod
    async def of(cls, store: Store, identity: Identity, system_key: KeyOf) -> Self:
        """Claim a request, or take the claim over.

        Raises ``errors.Conflict`` for an id that was used for another request.
        """
        place = identity.place
        key = system_key(keys.Area.REQUESTS, place)
        head = {"id": identity.id, "caller": identity.caller, "digest": identity.digest}
        value = json.dumps(head).encode()
        found: Record | None = None
        while True:
            try:
                expected = found.mod_revision if found else 0
                record = await (
                    store.update(key, value, expected=expected)
                    if found
                    else store.create(key, value)
                )
                break
            except ConditionFailed as failed:
                found = failed.current
            if found is not None and found.value != value:
                raise errors.Conflict(_USED)

        def key_of_record(token: str) -> bytes:
            return system_key(keys.Area.REQUESTS, f"{place}.{token}")

        claim = Claim(
            guard=Guard(key=key, revision=record.mod_revision), key_of_record=key_of_record
        )
        entries = await _entries(store, key) if found is not None else {}
        return cls(claim=claim, entries=entries)


async def _entries(store: Store, key: bytes) -> dict[int, list[Entry]]:
    found: dict[int, list[Entry]] = {}
    async for page in paging.pages(store, key + b".", limit=100):
        for record in page.records:
            for call, name, is_removal in json.loads(record.value):
                entry = Entry(
                    key=name.encode(), is_removal=is_removal, revision=record.mod_revision
                )
                found.setdefault(call, []).append(entry)
    for entries in found.values():
        entries.sort(key=lambda entry: entry.revision)
    return found

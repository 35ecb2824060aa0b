"""The record of what a request with an id has done, as it lies in the store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from protocube import errors
from protocube_server.storage import keys

if TYPE_CHECKING:
    from protocube_server.calls.once import Once
    from protocube_server.storage.base import Record

LARGEST_KEPT = 256 * 1024
"""Bytes of an object that is kept with the record of its deletion; of a larger one none are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One line of JSON, and behind it the value of an object that is not in the store any more."""

    id: str
    caller: str
    digest: str
    name: str
    """The object's; with a generated name the request does not say it."""
    uid: str
    revision: int = 0
    """At which the answer is; 0 for the record's own."""
    is_gone: bool = False
    """The object went with the write."""
    answer: bytes = b""
    """The value of such an object, as the caller got it."""

    @classmethod
    def by(
        cls,
        once: Once,
        *,
        key: bytes,
        uid: str,
        revision: int = 0,
        gone: bytes | None = None,
    ) -> Self:
        """Return the record of a write to ``key``; ``gone`` is the value of what it removed."""
        return cls(
            id=once.id,
            caller=once.caller,
            digest=once.digest,
            name=keys.split(key)[1].decode(),
            uid=uid,
            revision=revision,
            is_gone=gone is not None,
            answer=gone if gone is not None and len(gone) <= LARGEST_KEPT else b"",
        )

    @classmethod
    def read(cls, record: Record) -> Self:
        """Return what a record says. Raises ``errors.Damaged`` when it cannot be read."""
        head, _, answer = record.value.partition(b"\n")
        try:
            found = json.loads(head)
            return cls(
                id=str(found["id"]),
                caller=str(found["caller"]),
                digest=str(found["digest"]),
                name=str(found["name"]),
                uid=str(found["uid"]),
                revision=int(found["revision"]),
                is_gone=bool(found["gone"]),
                answer=answer,
            )
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            message = f"the record {record.key.decode(errors='replace')} cannot be read: {error}"
            raise errors.Damaged(message) from error

    def value(self) -> bytes:
        """Return the bytes to store."""
        head = {
            "id": self.id,
            "caller": self.caller,
            "digest": self.digest,
            "name": self.name,
            "uid": self.uid,
            "revision": self.revision,
            "gone": self.is_gone,
        }
        return json.dumps(head, ensure_ascii=False).encode() + b"\n" + self.answer

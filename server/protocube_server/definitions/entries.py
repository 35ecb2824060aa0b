"""What lies in the store beside definitions: who has which names, and whether a schema has changed.

- ``<prefix>/~system/definitions/kinds/<plural.group>`` is the entry of a definition. It is
  written in the set of each write that changes the schema or begins the deletion, so its revision
  is what writes of objects are guarded by.
- ``<prefix>/~system/definitions/names/<word>`` says that a definition has a name which no other
  may have, whichever door it came by.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from google.protobuf.message import DecodeError

from protocube import errors
from protocube.api.v1 import resource_pb2
from protocube.joined_catalog import Summary
from protocube_server.storage import keys

if TYPE_CHECKING:
    from protocube_server.storage.base import Record

_KINDS, _NAMES = "kinds", "names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of JSON."""

    message: str
    """Of the kind of definition: the full name of its message."""
    digest: str
    """Of what the definition says."""
    words: tuple[str, ...] = ()
    """The names that it has."""
    kinds: tuple[Summary, ...] = ()
    """Its versions."""
    is_terminating: bool = False
    is_changing: bool = False
    """Objects are counted for a change that may be refused."""

    @classmethod
    def read(cls, record: Record) -> Self:
        """Return the entry of a record. Raises ``errors.Damaged``."""
        try:
            found = json.loads(record.value)
            return cls(
                message=found["message"],
                digest=found["digest"],
                words=tuple(found["words"]),
                kinds=tuple(map(_summary, found["kinds"])),
                is_terminating=found["terminating"],
                is_changing=found["changing"],
            )
        except (ValueError, KeyError, TypeError, DecodeError, RecursionError) as error:
            where = record.key.decode(errors="replace")
            raise errors.Damaged(f"the entry {where} cannot be read: {error}") from error

    def value(self) -> bytes:
        """Return it as it is stored."""
        return json.dumps(
            {
                "message": self.message,
                "digest": self.digest,
                "words": self.words,
                "kinds": [_data(item) for item in self.kinds],
                "terminating": self.is_terminating,
                "changing": self.is_changing,
            },
            separators=(",", ":"),
        ).encode()


def _data(summary: Summary) -> dict[str, str]:
    return {
        "group": summary.group,
        "version": summary.version,
        "message": summary.message,
        "service": summary.service,
        "options": base64.b64encode(summary.options.SerializeToString(deterministic=True)).decode(),
    }


def _summary(found: dict[str, str]) -> Summary:
    options = resource_pb2.Resource.FromString(base64.b64decode(found["options"]))
    return Summary(
        group=found["group"],
        version=found["version"],
        message=found["message"],
        service=found["service"],
        options=options,
    )


def key(prefix: str, name: str) -> bytes:
    """Return the key of a definition's entry."""
    return keys.system(prefix, keys.Area.DEFINITIONS, _KINDS, name)


def word_key(prefix: str, word: str) -> bytes:
    """Return the key of a name that a definition has."""
    return keys.system(prefix, keys.Area.DEFINITIONS, _NAMES, word)


def beginning(prefix: str) -> bytes:
    """Return what the keys of all entries begin with."""
    return keys.system(prefix, keys.Area.DEFINITIONS, _KINDS) + b"/"


def name(prefix: str, of: bytes) -> str:
    """Return the ``plural.group`` of an entry's key."""
    return of[len(beginning(prefix)) :].decode()


def word(prefix: str, of: bytes) -> str | None:
    """Return the name of such a key, ``None`` for another one."""
    before = keys.system(prefix, keys.Area.DEFINITIONS, _NAMES) + b"/"
    return of[len(before) :].decode() if of.startswith(before) else None

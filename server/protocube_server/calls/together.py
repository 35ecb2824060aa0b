"""What calls have in common whose writes are one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from protocube_server.storage.base import Put

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.kinds.named.allocation import Claim

Entry = tuple[bytes, int]
"""A key of the store, and the revision at which it was read."""


class SharedPut(Put):
    """The write of a :class:`Changed` entry. Any other write of its key is a call's own."""

    __slots__ = ()


class Changed(Protocol):
    """An entry that several calls of a transaction change, each by what it adds."""

    def put(self) -> SharedPut:
        """Return the write that has what all of them add. That of a single call is a part of it."""
        ...


ChangedTogether = dict[Entry, Changed]
"""The entries that calls of one transaction change together."""


class Given:
    """The values that calls of one transaction give their objects: each goes to one of them."""

    def __init__(self) -> None:
        self._by: dict[Claim, int] = {}
        """The identities of calls, which live as long as the transaction."""

    def to_another(self, claim: Claim, call: Call) -> bool:
        """Tell whether another call than ``call`` gives a value."""
        return self._by.get(claim, id(call)) != id(call)

    def add(self, claim: Claim, call: Call) -> None:
        """Note that ``call`` gives a value, which no other one does."""
        self._by[claim] = id(call)

    def forget(self, call: Call) -> None:
        """Take back what a call gives, which is tried again."""
        self._by = {claim: by for claim, by in self._by.items() if by != id(call)}


@dataclass(slots=True, kw_only=True)
class Transaction:
    """What its calls know of each other."""

    changed: ChangedTogether = field(default_factory=dict)
    given: Given = field(default_factory=Given)
    definitions: set[str] = field(default_factory=set)
    """The names of those that it changes."""

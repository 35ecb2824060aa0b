"""What a server knows of the definition of a kind that came at run time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protocube_server.kinds.contract import Contract
from protocube_server.kinds.named.functions import NONE, Functions
from protocube_server.storage.base import Guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube import errors
    from protocube_server.kinds.kind import Kind


# Not frozen: it ends.
@dataclass(slots=True, kw_only=True, eq=False)
class Life:
    """The time between the creation of a definition and its end."""

    is_over: bool = False
    """The kind is served no more, and what has happened to its objects was told."""


# Not frozen: an entry gets new revisions while the kind stays the same.
@dataclass(slots=True, kw_only=True, eq=False)
class Defined:
    """The definition of a kind, or of several versions of one."""

    name: str
    """``plural.group``."""
    entry: bytes
    """The key of its entry in the store, which changes with its schema and its deletion."""
    revision: int = 0
    """The mod revision of the entry, at which the schema is the one that the kind is made of."""
    compile: Callable[[], Functions] = lambda: NONE
    """Compiles the definition, if nothing has done so, and returns what its options name."""
    is_compiled: bool = True
    """Whether a call for a kind waits for nothing."""
    beside: Callable[[], Contract | None] = lambda: None
    """Returns what has the rules of others in the same descriptor pool."""
    noun: str = "definition"
    """What people call such a definition."""
    is_terminating: bool = False
    """No object is created any more."""
    is_changing: bool = False
    """A change of the schema counts the objects: writes wait for it."""
    too_new: errors.ApiError | None = None
    """Why this server cannot write objects, and only reads them."""
    made: dict[str, Kind] = field(default_factory=dict)
    """Kinds that were prepared to try the definition out, by messages."""
    life: Life = field(default_factory=Life)
    """The same for all schemas that the definition has, one after the other."""

    _contract: Contract | None = None

    @property
    def functions(self) -> Functions:
        """What options of the kind name."""
        return self.compile()

    @property
    def contract(self) -> Contract:
        """The rules of its descriptor pool."""
        if self._contract is None:
            self._contract = Contract(
                self.functions.message_rules, is_users=True, beside=self.beside()
            )
        return self._contract

    def guard(self) -> Guard:
        """Return the condition that each write of an object has."""
        return Guard(key=self.entry, revision=self.revision)

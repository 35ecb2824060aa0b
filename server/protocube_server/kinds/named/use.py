"""How objects are used by others, for the kinds that must not go meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Used(NamedTuple):
    """An object that another one uses, in its namespace."""

    name: str
    owner: str = ""
    """The uid that has to be that of the object's controller; empty for whichever it is."""


class Use(Protocol):
    """What uses the objects of a kind."""

    @property
    def users(self) -> tuple[str, ...]:
        """The full names of the messages of the kinds whose objects use them."""
        ...

    def is_in_use(self, message: Any) -> bool:
        """Tell whether an object says itself that it is in use."""
        ...

    def of(self, user: Any) -> Iterator[Used]:
        """Yield what an object of one of the other kinds uses."""
        ...

"""The result of a list: the objects and the revision that they were read at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from google.protobuf.message import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[M]):
    """The objects that a list gave, in the server's order. It iterates over them."""

    items: tuple[M, ...]
    """The objects; the listing itself iterates over them."""
    resource_version: str
    """The revision of the whole; a watch that begins here misses nothing."""
    continue_token: str = ""
    """Where the objects behind the ``limit`` of the list begin; empty when there are none."""

    def __iter__(self) -> Iterator[M]:
        """Return the objects."""
        return iter(self.items)

    def __len__(self) -> int:
        """Count the objects."""
        return len(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[M]):
    """One page of a list."""

    items: tuple[M, ...]
    """Its objects."""
    resource_version: str
    """The revision of the list that it is a page of."""
    continue_token: str
    """Asks for the next page; empty on the last."""

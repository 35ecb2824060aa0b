"""What is kept with new objects that the server has filled in: mostly the same but for the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protocube_server.kinds import varints

if TYPE_CHECKING:
    from protocube_server.kinds.ownership.entries import Owner

_MOST: Final = 256
_LONGEST: Final = 2048
"""Bytes of a difference that is remembered."""

Difference = tuple[bytes, ...]
"""What two forms of an object are without what both have."""


class Form(NamedTuple):
    """What is kept, around the time."""

    owner: Owner
    before: bytes
    behind: bytes
    beside: int
    """So many paths are nobody's: with more than those, the owner has something."""


class Noted:
    """Remembers what became of the notes of owners by what the server had filled in."""

    def __init__(self) -> None:
        self._forms: dict[tuple[bytes, Difference], Form] = {}

    def find(self, head: bytes, difference: Difference) -> Form | None:
        """Return the form for a note that begins with ``head``."""
        return self._forms.get((head, difference))

    def add(
        self,
        head: bytes,
        difference: Difference,
        found: bytes,
        time: bytes,
        *,
        owner: Owner,
        beside: int,
    ) -> None:
        """Remember ``found``, which is kept for an owner with a ``time``, the only one in it."""
        _, begin = varints.decode(found, 1)
        length, begin = varints.decode(found, begin + 1)
        end = begin + length
        at = end - len(time)
        if found[at:end] != time or sum(map(len, difference)) > _LONGEST:
            return
        if len(self._forms) >= _MOST:
            self._forms.clear()
        self._forms[head, difference] = Form(owner, found[:at], found[end:], beside)

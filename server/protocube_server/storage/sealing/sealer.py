"""What seals the values of a kind: its keys, of which the first seals and all open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protocube_server.storage.sealing import marks
from protocube_server.storage.sealing.keys import CannotOpen, Plain

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from protocube_server.storage.sealing.keys import Key

_NOT_PLAIN: Final = "it is not sealed, and the provider identity is not among those of its kind"


# Not a dataclass: one is made for every value that is read.
class Opened(NamedTuple):
    """A value that was opened."""

    value: bytes
    stale: bool
    """Whether it would be sealed otherwise today."""


class Sealer:
    """The keys of a kind, in their order."""

    def __init__(self, keys: Sequence[Key]) -> None:
        """There is one key at least."""
        self.keys = tuple(keys)
        self._first = keys[0]
        self._by_mark: dict[bytes, list[Key]] = {}
        for key in keys:
            self._by_mark.setdefault(key.mark, []).append(key)

    @property
    def seals(self) -> bool:
        """Whether what is written does not lie there as it is."""
        return not isinstance(self._first, Plain)

    def seal(self, value: bytes, place: bytes) -> bytes:
        """Return a value as it is to be stored under the key ``place``."""
        first = self._first
        return first.mark + first.seal(value, place)

    def open(self, stored: bytes, place: bytes) -> Opened:
        """Return what a stored value is. Raises :class:`CannotOpen`."""
        keys, length = self._keys(stored)
        if not keys:
            mark = marks.read(stored)
            raise CannotOpen(_NOT_PLAIN if mark is None else f"there is no such key: {mark}")
        sealed = stored[length:] if length else stored
        # Two keys of one name are as good as one that has been changed.
        for key in keys[:-1]:
            try:
                return self._opened(key, sealed, place)
            except CannotOpen:
                continue
        return self._opened(keys[-1], sealed, place)

    def before(self, stored: bytes | None) -> Coroutine[None, None, None] | None:
        """Return what to wait for before a stored value can be opened, or a new one sealed."""
        if stored is None:
            return self._first.before(None)
        keys, length = self._keys(stored)
        return keys[0].before(stored[length:]) if keys else None

    def _keys(self, stored: bytes) -> tuple[Sequence[Key], int]:
        mark, length = marks.cut(stored) if stored.startswith(marks.SEALED) else (b"", 0)
        if not mark and stored.startswith(marks.SEALED):
            return (), 0
        return self._by_mark.get(mark, ()), length

    def _opened(self, key: Key, sealed: bytes, place: bytes) -> Opened:
        value = key.open(sealed, place)
        return Opened(value=value, stale=key is not self._first or key.is_stale(sealed))

"""The keys that sign the tokens of service accounts, and those that verify them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from protocube_server import followed_file, tasks
from protocube_server.authentication.jose import keys
from protocube_server.authentication.jose.keys import UnusableKey
from protocube_server.config_files import UnusableFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from protocube_server.authentication.jose.keys import Key

_WHAT: Final = "service account key file"


class KeyFiles:
    """The keys of some files, which :meth:`follow` keeps as the files have them."""

    def __init__(self, files: Sequence[Path]) -> None:
        """Read the files. Raises ``UnusableFile``, also when the first has no private key."""
        self._files = [
            followed_file.of_text(file, partial(_keys, file, signs=not index), what=_WHAT)
            for index, file in enumerate(files)
        ]
        self._found = [file.first for file in self._files]
        self.all: tuple[Key, ...] = ()
        """Those that verify, each once. The first private key of the first file signs."""
        self._names: frozenset[str] = frozenset()
        self._gather()

    @property
    def signing(self) -> Key:
        """The key that signs."""
        return next(key for key in self._found[0] if key.signs)

    def has(self, key: Key) -> bool:
        """Tell whether a key is among those that verify, maybe read anew meanwhile.

        Its name is a digest of its public half.
        """
        return key.kid in self._names

    async def follow(self, changed: Callable[[], None]) -> None:
        """Look at the files again and again; call ``changed`` when one was read again. Cancel it.

        A file that cannot be used is logged, and its keys stay.
        """

        def replace(index: int, found: list[Key]) -> None:
            self._found[index] = found
            self._gather()
            changed()

        await tasks.until_one_ends(
            file.follow(partial(replace, index)) for index, file in enumerate(self._files)
        )

    def _gather(self) -> None:
        by_name: dict[str, Key] = {}
        for key in (key for found in self._found for key in found):
            by_name.setdefault(key.kid, key)
        self.all = tuple(by_name.values())
        self._names = frozenset(by_name)


def _keys(file: Path, text: str, *, signs: bool) -> list[Key]:
    try:
        found = keys.of_pem(text)
    except UnusableKey as error:
        raise UnusableFile(f"{_WHAT} '{file}': {error}") from None
    if signs and not any(key.signs for key in found):
        raise UnusableFile(
            f"{_WHAT} '{file}' has no private key: the first file has the one that signs"
        )
    return found

"""The file that names the keys, followed: other keys are in force once the file says so.

A file that cannot be used changes nothing, and nor does one whose plugins do not answer, until they
do: what a server can seal and open today it can tomorrow.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube_server import tasks
from protocube_server.followed_file import FollowedFile
from protocube_server.storage.sealing import configuration
from protocube_server.storage.sealing.keys import CannotOpen
from protocube_server.storage.sealing.kms import Kms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from protocube_server.storage.sealing.keys import Key
    from protocube_server.storage.sealing.sealing import Sealing

_AGAIN_SECONDS: Final = 5.0
"""Before plugins that have not answered are asked again."""
_EVERY_SECONDS: Final = 1.0

_LOG = logging.getLogger("protocube.server")


class FollowedSealing:
    """What a file says is sealed, as long as it can be used."""

    def __init__(self, file: Path) -> None:
        """Read the file. Raises ``config_files.ConfigFileError``, without secrets."""
        self._path = file
        self._file = FollowedFile(file, configuration.read, what="encryption configuration")
        self.sealing = self._file.first
        """What is in force; it changes in place."""
        self._wanted: Sealing | None = None
        self._changed = asyncio.Event()

    async def follow(self, *, every: float = _EVERY_SECONDS, again: float = _AGAIN_SECONDS) -> None:
        """Look at the file every so many seconds; ``again`` is for plugins. Cancel it."""
        await tasks.until_one_ends(
            (self._file.follow(self._want, every=every), self._take_wanted(again))
        )

    def _want(self, sealing: Sealing) -> None:
        self._wanted = sealing
        self._changed.set()

    async def _take_wanted(self, again: float) -> None:
        said = ""
        while True:
            await self._changed.wait()
            self._changed.clear()
            wanted = self._wanted
            if wanted is None:
                continue
            rules = self._known(wanted.rules)
            fault = await _fault(rules)
            if self._changed.is_set():
                continue  # The file says something else by now.
            if not fault:
                self.sealing.replace(rules)
                self._wanted, said = None, ""
                _LOG.info("the keys of %s are in force", self._path)
                continue
            if fault != said:
                _LOG.warning("the keys that were read before stay in use: %s", fault)
            said = fault
            try:
                async with asyncio.timeout(again):
                    await self._changed.wait()
            except TimeoutError:
                self._changed.set()

    def _known(self, rules: Mapping[str, Sequence[Key]]) -> Mapping[str, Sequence[Key]]:
        """Return rules with the plugins that are in use already: they know seeds."""
        plugins = [key for key in self.sealing.keys if isinstance(key, Kms)]

        def known(key: Key) -> Key:
            if not isinstance(key, Kms):
                return key
            return next((each for each in plugins if each.is_same(key)), key)

        return {name: [known(key) for key in keys] for name, keys in rules.items()}


async def _fault(rules: Mapping[str, Sequence[Key]]) -> str:
    """Return why a plugin cannot be used; empty when all can."""
    for key in {id(key): key for keys in rules.values() for key in keys}.values():
        try:
            waiting = key.before(None)
            if waiting is not None:
                await waiting
        except (errors.Unavailable, CannotOpen) as error:
            return str(error)
    return ""

"""A token file, which is read again when it has changed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from protocube_server.authentication import tokens
from protocube_server.authentication.tokens import Tokens, UnusableTokens

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from protocube_server.calls.user import User

_EVERY_SECONDS = 1.0

_log = logging.getLogger(__name__)

_Stamp = tuple[int, int, int] | None


class TokenFile:
    """The tokens of a file, which :meth:`follow` keeps as the file has them."""

    def __init__(self, file: Path) -> None:
        """Read the file. Raises ``UnusableTokens``."""
        self._file = file
        self._stamp = self._look()
        self.tokens = Tokens(self._read())

    async def follow(self, changed: Callable[[], None], *, every: float = _EVERY_SECONDS) -> None:
        """Look at the file every so many seconds; call ``changed`` when it was read again.

        A file that cannot be used is logged, once, and the tokens stay. Cancel it.
        """
        while True:
            await asyncio.sleep(every)
            stamp = self._look()
            if stamp == self._stamp:
                continue
            # Also when it cannot be used: one change is one line in the log.
            self._stamp = stamp
            try:
                users = self._read()
            except UnusableTokens as error:
                _log.warning("keeping the tokens in use, the new ones are no good: %s", error)
                continue
            self.tokens.replace(users)
            _log.info("the token file %s was read again: %d tokens", self._file, len(users))
            changed()

    def _look(self) -> _Stamp:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _read(self) -> dict[str, User]:
        try:
            text = self._file.read_text(encoding="utf-8")
        except OSError as error:
            reason = error.strerror or error
            raise UnusableTokens(f"cannot read the token file {self._file}: {reason}") from None
        except UnicodeDecodeError:
            raise UnusableTokens(f"token file '{self._file}' is no text in UTF-8") from None
        return tokens.parse(text, str(self._file))

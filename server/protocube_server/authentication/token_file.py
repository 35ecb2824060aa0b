"""A token file, which is read again when it has changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from protocube_server import followed_file
from protocube_server.authentication import tokens
from protocube_server.authentication.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from protocube_server.calls.user import User

_EVERY_SECONDS = 1.0


class TokenFile:
    """The tokens of a file, which :meth:`follow` keeps as the file has them."""

    def __init__(self, file: Path) -> None:
        """Read the file. Raises ``UnusableFile``."""
        self._file = followed_file.of_text(
            file, partial(tokens.parse, file=str(file)), what="token file"
        )
        self.tokens = Tokens(self._file.first)

    async def follow(self, changed: Callable[[], None], *, every: float = _EVERY_SECONDS) -> None:
        """Look at the file every so many seconds; call ``changed`` when it was read again.

        A file that cannot be used is logged, once, and the tokens stay. Cancel it.
        """

        def replace(users: Mapping[str, User]) -> None:
            self.tokens.replace(users)
            changed()

        await self._file.follow(replace, every=every)

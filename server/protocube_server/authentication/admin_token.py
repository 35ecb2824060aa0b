"""The first administrator: a token that the server makes and leaves in a file of its own.

It is there as long as roles make nobody an administrator, so that there is always somebody who can
give rights.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import stat
from typing import TYPE_CHECKING, Final

from protocube_server.authentication.tokens import Tokens
from protocube_server.calls.user import MASTERS, User

if TYPE_CHECKING:
    from pathlib import Path

NAME: Final = "admin.token"
"""The file, beside the data of a server."""

_USER: Final = User(name="system:admin", groups=(MASTERS,))
_MODE: Final = 0o600
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_BYTES: Final = 32
_LOG = logging.getLogger("protocube.server")


class AdminToken:
    """A file with one token, and what it proves. Only its owner may read it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.tokens = Tokens()
        """The token, while there is one."""

    def settle(self, *, wanted: bool) -> None:
        """Have a token in the file, or no file. One that lies there is kept, if it is private.

        What goes wrong is logged: a server starts without such a token, too.
        """
        try:
            if not wanted:
                self._remove()
                return
            token = self._found() or self._made()
        except OSError as error:
            reason = error.strerror or error
            _LOG.warning("no token of the first administrator in %s: %s", self._file, reason)
            return
        self.tokens.replace({token: _USER})
        _LOG.info(
            "roles make nobody an administrator: a token that may do everything is in %s",
            self._file,
        )

    def _found(self) -> str:
        """Return the token that an earlier start has left; empty for none that can be trusted."""
        try:
            # Opened before it is looked at: what is read is what was judged.
            descriptor = os.open(self._file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return ""
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            is_private = not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
            if not (is_private and stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()):
                return ""
            text = file.read(256).decode(errors="replace").strip()
        return text if _FORM.fullmatch(text) else ""

    def _made(self) -> str:
        """Write a new token. Raises ``OSError``."""
        token = secrets.token_urlsafe(_BYTES)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # Under a name of its own first: nobody finds a half of it, and it is private from its
        # first byte on, whatever lies there or the umask is.
        new = self._file.with_name(f"{self._file.name}.{secrets.token_hex(8)}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(new, flags, _MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(f"{token}\n".encode())
            new.replace(self._file)
        except OSError:
            new.unlink(missing_ok=True)
            raise
        return token

    def _remove(self) -> None:
        self.tokens.replace({})
        if self._found():
            self._file.unlink(missing_ok=True)
            _LOG.info("the token of the first administrator is gone: roles make others one")

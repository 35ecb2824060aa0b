"""The bearer token that calls carry: a text, or a file that others renew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from os import PathLike


class Token(Protocol):
    """Returns the token of the next call."""

    def __call__(self) -> str:
        """Return it; empty for none."""
        ...


def of(token: str | Token = "", file: str | PathLike[str] | None = None) -> Token:
    """Return a token that is given as a text or a function, or lies in a file, which comes first.

    Raises ``ValueError`` for a file that cannot be read, and for what no call can carry.
    """
    if file is not None:
        return _FileToken(Path(file))
    if not isinstance(token, str):
        return token
    return _FixedToken(_checked(token, "the token"))


class _FixedToken:
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self) -> str:
        return self._token


class _FileToken:
    """Is read again when the file has changed. While it cannot be, the last token holds."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._stamp = self._look()
            self._token = self._read()
        except OSError as error:
            reason = error.strerror or error
            raise ValueError(f"cannot read the token file {file}: {reason}") from None

    def __call__(self) -> str:
        try:
            stamp = self._look()
            if stamp != self._stamp:
                self._token, self._stamp = self._read(), stamp
        except (OSError, ValueError):
            pass  # It is being replaced: the next call looks again.
        return self._token

    def _look(self) -> tuple[int, int, int]:
        status = self._file.stat()
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _read(self) -> str:
        text = self._file.read_text(encoding="utf-8", errors="replace")
        return _checked(text.strip(), f"the token in {self._file}")


def _checked(token: str, what: str) -> str:
    """Return a token. Raises ``ValueError`` for characters that metadata cannot carry."""
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ValueError(f"{what} has characters that no token has")
    return token

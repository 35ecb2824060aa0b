"""A file of settings that is read again when it has changed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Generic, TypeVar

from protocube_server import tasks
from protocube_server.config_files import UnusableFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_EVERY_SECONDS = 1.0

_LOG = logging.getLogger(__name__)

_T = TypeVar("_T")
_Stamp = tuple[int, int, int] | None


class FollowedFile(Generic[_T]):
    """What a file says, as long as it can be used."""

    def __init__(self, file: Path, load: Callable[[Path], _T], *, what: str) -> None:
        """Read the file: ``load`` gives what it says, and raises ``UnusableFile``.

        ``what`` names the file in the log: ``token file``. Raises ``UnusableFile``.
        """
        self._file = file
        self._load = load
        self._what = what
        self._stamp = self._look()
        self.first = load(file)
        """What it says at first."""

    async def follow(self, changed: Callable[[_T], None], *, every: float = _EVERY_SECONDS) -> None:
        """Look at the file every so many seconds; give ``changed`` what it says now. Cancel it.

        A file that cannot be used is logged, once, and what was read before holds on.
        """
        await tasks.now_and_then(lambda: self._again(changed), every=every)

    def _again(self, changed: Callable[[_T], None]) -> None:
        stamp = self._look()
        if stamp == self._stamp:
            return
        # Also when it cannot be used: one change is one line in the log.
        self._stamp = stamp
        try:
            read = self._load(self._file)
        except UnusableFile as error:
            _LOG.warning("what was read before stays in use: %s", error)
            return
        except Exception:  # noqa: BLE001  # a fault of ours must not end the following
            _LOG.exception("what was read before of %s stays in use", self._file)
            return
        _LOG.info("the %s %s was read again", self._what, self._file)
        changed(read)

    def _look(self) -> _Stamp:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size


def of_text(file: Path, read: Callable[[str], _T], *, what: str) -> FollowedFile[_T]:
    """Return a file that is followed; ``read`` makes of its text what it says."""
    return FollowedFile(file, lambda path: read(_text(path, what)), what=what)


def _text(file: Path, what: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise UnusableFile(f"cannot read the {what} {file}: {reason}") from None
    except UnicodeDecodeError:
        raise UnusableFile(f"{what} '{file}' is no text in UTF-8") from None

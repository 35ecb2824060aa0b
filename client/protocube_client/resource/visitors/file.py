"""Opens a file, or standard input, and hands it to a StreamVisitor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from protocube.manifests.manifest_error import ManifestError
from protocube_client.resource import blocking
from protocube_client.resource.go import os as go_os
from protocube_client.resource.text.text_stream import Read
from protocube_client.resource.visitor import Visitor, VisitorFunc

STDIN = "STDIN"
"""What standard input is called in messages."""

Streamed = Callable[[Read, str], Visitor]
"""Makes the visitor of a stream, given its bytes and the name of its source."""

_CHUNK = 1024 * 1024


class FileVisitor:
    """Visits the documents of one file."""

    def __init__(self, path: str, streamed: Streamed) -> None:
        self._path = path
        self._streamed = streamed

    async def visit(self, fn: VisitorFunc) -> None:
        """Read the file through. Raises :class:`ManifestError` when it cannot be opened or read."""
        try:
            file = _open(self._path)
        except IsADirectoryError as error:
            # Go opens a directory and fails to read it.
            message = f"error parsing {self._path}: {go_os.describe(error, 'read')}"
            raise ManifestError(message) from None
        except OSError as error:
            raise ManifestError(go_os.describe(error, "open")) from None
        with file:
            await self._streamed(reader(file, self._path), self._path).visit(fn)


class StdinVisitor:
    """Visits the documents of standard input, a FileVisitor named ``STDIN``."""

    def __init__(self, stdin: BinaryIO, streamed: Streamed) -> None:
        self._stdin = stdin
        self._streamed = streamed

    async def visit(self, fn: VisitorFunc) -> None:
        """Read to the end. The stream stays open: it is not ours."""
        await self._streamed(reader(self._stdin, STDIN), STDIN).visit(fn)


def _open(path: str) -> BinaryIO:
    return Path(path).open("rb")


def reader(file: BinaryIO, name: str) -> Read:
    """Return a reader of ``file``, piece by piece. A pipe may keep it waiting, not the loop."""
    # What a terminal or a pipe has now is better than waiting for more.
    take = getattr(file, "read1", file.read)
    descriptor = _descriptor(file)

    async def read() -> bytes:
        try:
            if descriptor is not None:
                await blocking.readable(descriptor)
            data: bytes = take(_CHUNK)
        except OSError as error:
            message = go_os.describe(error, "read", path=name)
            raise ManifestError(message) from None
        return data

    return read


def _descriptor(file: BinaryIO) -> int | None:
    try:
        return file.fileno()
    except OSError:
        # Bytes in memory.
        return None

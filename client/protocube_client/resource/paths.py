"""Which files a ``-f`` argument means."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from protocube.errors import quote
from protocube.manifests.manifest_error import ManifestError
from protocube_client.resource.go import glob as go_glob
from protocube_client.resource.go import os as go_os

if TYPE_CHECKING:
    from collections.abc import Iterator

EXTENSIONS = (".json", ".yaml", ".yml")
"""What is read of a directory. A file that is named is read whatever it is called."""


def expand(argument: str) -> list[str]:
    """Return the paths that an argument names: itself, or what it matches as a pattern.

    Raises :class:`ManifestError` when nothing is there.
    """
    try:
        _stat(argument)
    except FileNotFoundError:
        pass
    except OSError:
        # Whatever is wrong with it is said when it is read.
        return [argument]
    else:
        return [argument]
    try:
        found = go_glob.expand(argument)
    except go_glob.BadPatternError as error:
        message = f"pattern {quote(argument)} is not valid: {error}"
        raise ManifestError(message) from None
    if not found:
        raise _missing(argument)
    return found


def files(path: str, *, recursive: bool) -> list[str]:
    """Return the files at ``path`` in the order they are read: itself, or those in a directory.

    Directories are walked in lexical order, symbolic links to directories are not
    followed. Raises :class:`ManifestError` when something cannot be read.
    """
    try:
        _stat(path)
    except FileNotFoundError:
        raise _missing(path) from None
    except OSError as error:
        message = f"the path {quote(path)} cannot be accessed: {go_os.describe(error, 'stat')}"
        raise ManifestError(message) from None
    try:
        # A link to a directory is taken for a file, and fails when it is read.
        if not stat.S_ISDIR(_stat(path, follow_links=False).st_mode):
            return [path]
        return list(_walk(path, recursive=recursive))
    except OSError as error:
        message = f"error reading {quote(path)}: {go_os.describe(error, 'open')}"
        raise ManifestError(message) from None


def _stat(path: str, *, follow_links: bool = True) -> os.stat_result:
    # Not Path: to that an empty name is a directory, and ``link/`` is the link.
    return os.stat(path, follow_symlinks=follow_links)  # noqa: PTH116  # as said above


def _walk(directory: str, *, recursive: bool) -> Iterator[str]:
    with os.scandir(directory) as entries:
        found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
    for entry in found:
        path = os.path.normpath(f"{directory}/{entry.name}")
        if entry.is_dir(follow_symlinks=False):
            if recursive:
                yield from _walk(path, recursive=True)
        elif entry.name.endswith(EXTENSIONS):
            yield path


def _missing(path: str) -> ManifestError:
    return ManifestError(f"the path {quote(path)} does not exist")

"""Programs on PATH that are commands of cubectl: ``cubectl-NAME``, found as kubectl finds its own.

``cubectl foo bar --x`` is ``cubectl-foo-bar --x`` where there is such a program, else
``cubectl-foo bar --x``. A dash within a word is an underscore in the program's name.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, NoReturn

from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PREFIX = "cubectl-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A program and what it is called with."""

    path: str
    args: tuple[str, ...]


def find(args: Sequence[str], environ: Mapping[str, str], *, least: int) -> Plugin | None:
    """Return the plugin that has the longest name of the words before the first flag.

    Its name has no fewer than ``least`` words.
    """
    words = [
        word.replace("-", "_") for word in takewhile(lambda word: not word.startswith("-"), args)
    ]
    for count in range(len(words), least - 1, -1):
        path = shutil.which(PREFIX + "-".join(words[:count]), path=environ.get("PATH", ""))
        if path is not None:
            return Plugin(path=path, args=tuple(args[count:]))
    return None


def become(plugin: Plugin, environ: Mapping[str, str]) -> NoReturn:
    """Replace this process by the plugin, so that its exit code and its signals are its own.

    Raises :class:`CommandError` when it cannot be run.
    """
    try:
        os.execve(plugin.path, [plugin.path, *plugin.args], dict(environ))  # noqa: S606  # the user's own program
    except OSError as error:
        raise CommandError(f"{plugin.path}: {error.strerror}") from None

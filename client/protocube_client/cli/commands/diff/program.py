"""What shows the difference of two folders: a program of the user's, ``diff``, or Python."""

from __future__ import annotations

import asyncio
import difflib
import io
import os
import re
import shutil
import time
from typing import TYPE_CHECKING, TextIO

from protocube.errors import quote
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from protocube_client.cli.commands.diff.versions import Versions
    from protocube_client.cli.streams import Streams

EXTERNAL = "KUBECTL_EXTERNAL_DIFF"
"""The variable that names a program, with flags."""

_ARGUMENT = re.compile(r"[a-zA-Z0-9=-]+")
_DIFFERENT = 1
"""The exit code of programs that have found a difference."""
_END = "\x1b[0m"
_COLOURS = {
    "diff ": "\x1b[1m",
    "--- ": "\x1b[1m",
    "+++ ": "\x1b[1m",
    "@@": "\x1b[36m",
    "+": "\x1b[32m",
    "-": "\x1b[31m",
}


async def show(versions: Versions, environ: Mapping[str, str], streams: Streams) -> bool:
    """Show how two folders differ and tell whether they do.

    Raises :class:`CommandError` when the program cannot be run, or fails.
    """
    folders = (str(versions.live), str(versions.merged))
    named = environ.get(EXTERNAL, "")
    if named:
        name, *given = named.split(" ")
        flags = [flag for flag in given if _ARGUMENT.fullmatch(flag)]
        return await _run([name, *flags, *folders], streams)
    coloured = streams.out.isatty() and not environ.get("NO_COLOR")
    found = shutil.which("diff", path=environ.get("PATH", os.defpath))
    if found is None:
        text = "".join(_difference(versions.live, versions.merged))
        streams.out.write(_coloured(text) if coloured else text)
        return bool(text)
    command = ["diff", "-u", "-N", *folders]
    if not coloured:
        return await _run(command, streams)
    captured = io.StringIO()
    differs = await _run(command, streams, into=captured)
    streams.out.write(_coloured(captured.getvalue()))
    return differs


async def _run(command: Sequence[str], streams: Streams, *, into: TextIO | None = None) -> bool:
    """Run a program; what it prints goes to the command's streams, or ``into`` another one."""
    streams.out.flush()
    out = into or streams.out
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=_descriptor(out),
            stderr=_descriptor(streams.err),
        )
    except OSError as error:
        why = f"exec: {quote(command[0])}: executable file not found in $PATH"
        if not isinstance(error, FileNotFoundError):
            why = f"fork/exec {command[0]}: {(error.strerror or str(error)).lower()}"
        raise CommandError(f"failed to run {quote(command[0])}: {why}") from None
    printed, complained = await process.communicate()
    out.write((printed or b"").decode("utf-8", "backslashreplace"))
    streams.err.write((complained or b"").decode("utf-8", "backslashreplace"))
    code = process.returncode or 0
    if code not in (0, _DIFFERENT):
        how = f"exit status {code}" if code > 0 else f"signal: {-code}"
        raise CommandError(f"failed to run {quote(command[0])}: {how}")
    return code == _DIFFERENT


def _descriptor(stream: TextIO) -> int:
    """Return the file behind a stream, so that a program sees a terminal; else a pipe."""
    try:
        return stream.fileno()
    except OSError:
        return asyncio.subprocess.PIPE


def _difference(live: Path, merged: Path) -> Iterator[str]:
    """Yield the difference as ``diff -u -N`` writes it."""
    names = {path.name for folder in (live, merged) for path in folder.iterdir()}
    for name in sorted(names):
        old, new = live / name, merged / name
        before, after = _lines(old), _lines(new)
        if before == after:
            continue
        yield f"diff -u -N {old} {new}\n"
        yield from difflib.unified_diff(before, after, str(old), str(new), _time(old), _time(new))


def _lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="\n") as file:
        return list(file)


def _time(path: Path) -> str:
    seconds = path.stat().st_mtime if path.exists() else 0.0
    return time.strftime("%Y-%m-%d %H:%M:%S.000000000 %z", time.localtime(seconds))


def _coloured(text: str) -> str:
    # Values may hold what str.splitlines takes for the end of a line, too.
    return "\n".join(_coloured_line(line) for line in text.split("\n"))


def _coloured_line(line: str) -> str:
    for start, colour in _COLOURS.items():
        if line.startswith(start):
            return f"{colour}{line}{_END}"
    return line

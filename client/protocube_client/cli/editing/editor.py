"""The editor of the person who calls: ``$KUBE_EDITOR``, ``$EDITOR``, or ``vi``."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube.errors import quote
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DEFAULT = "vi"
_SHELL = "/bin/bash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """A program that changes a file, whose path is its last argument."""

    words: tuple[str, ...]
    shell: str
    """The shell that reads the words; empty where none is needed."""
    environ: Mapping[str, str]

    def edit(self, path: str) -> None:
        """Let the person change a file, and return when the editor has ended.

        Everything else of this process waits: the terminal is the editor's, and so is Ctrl-C.
        Raises :class:`CommandError` when the editor is not there or fails.
        """
        command = [*self.words, path]
        if self.shell:
            command = [self.shell, "-c", f"{self.words[0]} {quote(path)}"]
        shown = quote(" ".join([self.shell, "-c", *self.words] if self.shell else self.words))
        try:
            with _terminal_kept(), _interrupts_ignored():
                code = subprocess.run(command, env=self.environ, check=False).returncode  # noqa: S603  # the person's own program
        except OSError:
            raise CommandError(f"unable to launch the editor {shown}") from None
        if code:
            raise CommandError(f"there was a problem with the editor {shown}")


def of(environ: Mapping[str, str]) -> Editor:
    """Return the editor that the environment names; a name with quotes is a shell's to read."""
    named = environ.get("KUBE_EDITOR") or environ.get("EDITOR") or _DEFAULT
    if " " in named and set(named) & set("\"'\\"):
        shell = environ.get("SHELL") or _SHELL
        return Editor(words=(named,), shell=shell, environ=environ)
    return Editor(words=tuple(named.split(" ")), shell="", environ=environ)


@contextlib.contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Leave Ctrl-C to the editor."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A function and not SIG_IGN, which the editor would inherit.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _terminal_kept() -> Iterator[None]:
    """Leave the terminal as it was, whatever the editor does to it."""
    if sys.platform == "win32":
        yield
        return
    import termios

    modes: list[Any] | None = None
    with contextlib.suppress(termios.error, OSError, ValueError, AttributeError):
        modes = termios.tcgetattr(sys.stdin.fileno())
    try:
        yield
    finally:
        if modes is not None:
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, modes)

"""Failing at any line of some modules, one after the other."""

from __future__ import annotations

import contextlib
import linecache
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import FrameType, ModuleType


class Injected(Exception):  # a statement about the line
    """What a line raises that would not by itself."""


class Injection:
    """Raises :class:`Injected` before the ``nth`` line that is run of ``modules``, counted from 1.

    Whatever else runs is left alone, and so are the functions named ``spared``. It fails once.
    """

    def __init__(self, *modules: ModuleType, nth: int, spared: Collection[str] = ()) -> None:
        self.place = ""
        """Where it has failed; empty when fewer lines were run."""
        self._files = {module.__file__ for module in modules}
        self._left = nth
        self._spared = spared

    @contextlib.contextmanager
    def armed(self) -> Iterator[None]:
        """Count lines, and fail, while the context is open."""
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(before)

    def _called(self, frame: FrameType, event: str, argument: Any) -> Any:  # noqa: ARG002  # Python's signature
        code = frame.f_code
        if code.co_filename not in self._files or code.co_qualname in self._spared or self.place:
            return None
        return self._line

    def _line(self, frame: FrameType, event: str, argument: Any) -> Any:  # noqa: ARG002  # Python's signature
        if event == "line" and not _is_context(frame):
            self._left -= 1
            if self._left == 0:
                self.place = f"{frame.f_code.co_qualname}, line {frame.f_lineno}"
                raise Injected(self.place)
        return self._line


def _is_context(frame: FrameType) -> bool:
    """Tell whether a line is run again when its context is left: nothing fails before that."""
    text = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    return text.startswith(("with ", "async with "))

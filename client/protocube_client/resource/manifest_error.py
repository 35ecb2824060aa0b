"""An error in what the user gave: a file, a document, a flag."""

from __future__ import annotations


class ManifestError(Exception):
    """The input cannot be used. ``str()`` is the sentence that kubectl would print.

    ``line`` is where in the file the trouble is, counted from 1; 0 when that is not
    known.
    """

    def __init__(self, message: str, *, line: int = 0) -> None:
        super().__init__(message)
        self.line = line

    def within(self, prefix: str, *, before: int = 0) -> ManifestError:
        """Give the same error behind ``prefix``, its line moved down by ``before`` lines."""
        return ManifestError(f"{prefix}{self}", line=self.line + before if self.line else 0)

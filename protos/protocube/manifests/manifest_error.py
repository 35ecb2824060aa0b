"""An error in what the user gave: a file, a document, a flag."""

from __future__ import annotations


class ManifestError(Exception):
    """The input cannot be used. ``str()`` is the sentence that kubectl would print.

    ``line`` and ``column`` are where the trouble is in ``source`` (a path or URL, or
    ``STDIN``), counted from 1; 0 and empty when that is not known.
    """

    def __init__(self, message: str, *, line: int = 0, column: int = 0, source: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.source = source

    def within(self, prefix: str, *, before: int = 0, source: str = "") -> ManifestError:
        """Return the same error behind ``prefix``, its line moved down by ``before`` lines."""
        return ManifestError(
            f"{prefix}{self}",
            line=self.line + before if self.line else 0,
            column=self.column,
            source=source or self.source,
        )

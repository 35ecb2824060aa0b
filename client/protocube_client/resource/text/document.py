"""One document of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document as it stood in the stream and what it says."""

    raw: bytes
    """Its text in UTF-8, without the separator behind it."""
    value: Any
    """JSON data. Parts of it may be one object (aliases): copy before you change it."""
    line: int
    """The line of the stream on which it begins, from 1."""
    is_json: bool = False

    def compact(self) -> str:
        """Return the document as the JSON that kubectl makes of it."""
        from protocube.manifests import json_text

        return self.raw.decode() if self.is_json else json_text.compact(self.value)

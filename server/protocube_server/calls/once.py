"""What a call with a request id is known by when it is repeated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A call that is to be carried out once."""

    key: bytes
    """Where the record of what it did lies, under the caller's name and the id."""
    id: str
    caller: str
    digest: str
    """Of the method and all that was asked: another one under the same id is another request."""

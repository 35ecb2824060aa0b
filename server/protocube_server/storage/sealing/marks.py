"""What a sealed value begins with: how it was sealed, and with which key.

``k8s:enc:aesgcm:v1:KEY:``, ``k8s:enc:secretbox:v1:KEY:``, ``k8s:enc:kms:v2:PLUGIN:``. No object
begins so: its first byte is the tag of a field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from protocube.quoting import quote

SEALED: Final = b"k8s:enc:"
"""What all sealed values begin with."""
_PARTS: Final = 5
"""Colons in a mark."""
_LONGEST: Final = 1024
LONGEST_NAME: Final = 1000
"""Bytes of a key's name: with a longer one a mark would not be found again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How a value was sealed, and with which key."""

    provider: str
    """``aesgcm``, ``secretbox``, ``aescbc`` or ``kms``."""
    key: str

    def __str__(self) -> str:
        """Return it as people are told: ``the key "a" of aesgcm``."""
        return f"the key {quote(self.key)} of {self.provider}"


def made(provider: str, version: str, key: str) -> bytes:
    """Return the mark of a key, whose name has no colon."""
    return b"%b%b:%b:%b:" % (SEALED, provider.encode(), version.encode(), key.encode())


def cut(value: bytes) -> tuple[bytes, int]:
    """Return the mark of a sealed value, and its length; nothing of one that has none."""
    at = -1
    for _ in range(_PARTS):
        at = value.find(b":", at + 1, _LONGEST)
        if at < 0:
            return b"", 0
    return value[: at + 1], at + 1


def read(value: bytes) -> Mark | None:
    """Return how a value was sealed, ``None`` for one that was not."""
    if not value.startswith(SEALED):
        return None
    mark, _ = cut(value)
    if not mark:
        return Mark(provider="an unknown provider", key="")
    _, _, provider, _, key, _ = mark.decode(errors="replace").split(":")
    return Mark(provider=provider, key=key)

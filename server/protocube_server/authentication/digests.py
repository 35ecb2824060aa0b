"""Digests of tokens, so that none of them is kept in memory."""

from __future__ import annotations

import hashlib
import os


class Digests:
    """Makes digests with a key of this process.

    So how long a look-up by one takes tells nothing about tokens that are known, and no digest
    can be made elsewhere.
    """

    def __init__(self) -> None:
        self._key = os.urandom(32)

    def __call__(self, token: str) -> bytes:
        """Return the digest of a token."""
        data = token.encode(errors="surrogateescape")
        return hashlib.blake2b(data, key=self._key, digest_size=32).digest()

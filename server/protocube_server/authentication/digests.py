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
        self.begun = hashlib.blake2b(key=os.urandom(32), digest_size=32).copy
        """Returns a digest that has taken in the key already: that is half of the work."""

    def __call__(self, token: str) -> bytes:
        """Return the digest of a token."""
        made = self.begun()
        made.update(token.encode("utf-8", "surrogateescape"))
        return made.digest()

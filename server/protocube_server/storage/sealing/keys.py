"""Keys that seal values, and the two ciphers that need nobody else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol

from protocube_server.storage.sealing import marks

if TYPE_CHECKING:
    from collections.abc import Coroutine

NONCE: Final = 12
"""Bytes that AES-GCM needs for each value beside it."""


class CannotOpen(Exception):
    """A sealed value cannot be opened. ``str()`` says why, without anything of the value."""


class Key(Protocol):
    """A key. A *place* is the key in the store that the value lies under."""

    @property
    def provider(self) -> str:
        """Its kind, as the configuration calls it: ``aesgcm``."""
        ...

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        ...

    @property
    def mark(self) -> bytes:
        """What the values that it has sealed begin with."""
        ...

    def seal(self, value: bytes, place: bytes) -> bytes:
        """Return a value sealed, behind the mark."""
        ...

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """Return what is behind the mark opened. Raises :class:`CannotOpen`."""
        ...

    def is_stale(self, sealed: bytes) -> bool:
        """Tell whether what is behind the mark would be sealed otherwise today."""
        ...

    def before(self, sealed: bytes | None) -> Coroutine[None, None, None] | None:
        """Return what to wait for before that can be opened, or, for ``None``, a value sealed.

        That raises ``errors.Unavailable``.
        """
        ...


class AesGcm:
    """AES in Galois/counter mode. The place is authenticated: a value that is moved is no good."""

    provider = "aesgcm"

    def __init__(self, name: str, secret: bytes) -> None:
        """``secret`` has 16, 24 or 32 bytes."""
        # The library takes long to be imported: a server that seals nothing does without.
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._refused = (InvalidTag, ValueError)
        self.name = name
        self.mark = marks.made(self.provider, "v1", name)
        self._cipher = AESGCM(secret)

    def seal(self, value: bytes, place: bytes) -> bytes:
        """See :class:`Key`."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, value, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """See :class:`Key`."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], place)
        except self._refused:
            raise CannotOpen(_NOT_BY_IT.format(f"the key {self.name} of aesgcm")) from None

    def is_stale(self, sealed: bytes) -> bool:
        """See :class:`Key`."""
        del sealed
        return False

    def before(self, sealed: bytes | None) -> None:
        """See :class:`Key`."""


class SecretBox:
    """XSalsa20 with Poly1305, as NaCl has it. It does not know the place of a value."""

    provider = "secretbox"

    def __init__(self, name: str, secret: bytes) -> None:
        """``secret`` has 32 bytes."""
        from nacl.exceptions import CryptoError
        from nacl.secret import SecretBox as Box

        self._refused = (CryptoError, ValueError, TypeError)
        self.name = name
        self.mark = marks.made(self.provider, "v1", name)
        self._box = Box(secret)

    def seal(self, value: bytes, place: bytes) -> bytes:
        """See :class:`Key`."""
        del place
        return bytes(self._box.encrypt(value))

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """See :class:`Key`."""
        del place
        try:
            return self._box.decrypt(sealed)
        except self._refused:
            raise CannotOpen(_NOT_BY_IT.format(f"the key {self.name} of secretbox")) from None

    def is_stale(self, sealed: bytes) -> bool:
        """See :class:`Key`."""
        del sealed
        return False

    def before(self, sealed: bytes | None) -> None:
        """See :class:`Key`."""


class Plain:
    """No key at all: values lie there as they are."""

    provider = "identity"
    name = ""
    mark = b""

    def seal(self, value: bytes, place: bytes) -> bytes:
        """See :class:`Key`."""
        del place
        return value

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """See :class:`Key`."""
        del place
        return sealed

    def is_stale(self, sealed: bytes) -> bool:
        """See :class:`Key`."""
        del sealed
        return False

    def before(self, sealed: bytes | None) -> None:
        """See :class:`Key`."""


_NOT_BY_IT: Final = (
    "{} does not open it: another key had that name, or the value was changed or moved"
)

"""Bearer tokens in a call's metadata: ``authorization: Bearer TOKEN``."""

from __future__ import annotations

from typing import Final

KEY: Final = "authorization"


def entry(token: str) -> str:
    """Return the ``authorization`` entry with a token as nearly all callers write it."""
    return f"Bearer {token}"


def token_of(value: str) -> str:
    """Return the token of an ``authorization`` entry; empty when it has none.

    The scheme is that of RFC 6750, whose case does not matter. As in Kubernetes the token ends at
    the next space, and another scheme is no credential.
    """
    scheme, _, rest = value.strip().partition(" ")
    if scheme != "Bearer" and scheme.lower() != "bearer":
        return ""
    return rest.partition(" ")[0]

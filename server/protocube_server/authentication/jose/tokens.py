"""Signed JSON web tokens (RFC 7515 and 7519) in their compact form."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from joserfc import jws
from joserfc.errors import JoseError

from protocube.manifests import json_values
from protocube_server.authentication.jose import keys as jose_keys
from protocube_server.authentication.jose.keys import ALGORITHMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protocube_server.authentication.jose.keys import Key

DOTS: Final = 2
"""Those between the three parts of a token."""
_REGISTRY: Final = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
_FAULTS: Final = (
    *(JoseError, json_values.NotJson, json_values.Refused),
    *(ValueError, TypeError, KeyError, AttributeError, RecursionError),
)


class Refused(Exception):
    """A token proves nothing. The text says why, for the log, and has nothing of a signature."""

    def __init__(self, reason: str, *, ended: float | None = None) -> None:
        """``ended`` is when a token that was right otherwise has expired."""
        super().__init__(reason)
        self.ended = ended


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WebToken:
    """What a token says; it is believed when :func:`verify` has returned."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: jws.CompactSignature

    @property
    def issuer(self) -> str:
        """The claim ``iss``; empty without one."""
        found = self.claims.get("iss")
        return found if isinstance(found, str) else ""

    @property
    def kid(self) -> str:
        """The key that it names; empty for none."""
        found = self.header.get("kid")
        return found if isinstance(found, str) else ""

    @property
    def audiences(self) -> list[str]:
        """The claim ``aud``, a text or a list of them."""
        found = self.claims.get("aud")
        if isinstance(found, str):
            return [found]
        if isinstance(found, list):
            return [each for each in found if isinstance(each, str)]
        return []

    def time(self, claim: str) -> float | None:
        """Return a claim that is a time, in seconds since 1970; ``None`` without it.

        Raises :class:`Refused` for what is no time.
        """
        found = self.claims.get(claim)
        if found is None:
            return None
        # JSON knows no numbers without an end, but Python's reader does.
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise Refused(f"the claim {claim} is no time")
        try:
            seconds = float(found)
        except OverflowError:
            seconds = math.inf
        if not math.isfinite(seconds):
            raise Refused(f"the claim {claim} is no time")
        return seconds


def read(text: str) -> WebToken | None:
    """Return what a token says; ``None`` for what is no such token. Nothing is verified."""
    if text.count(".") != DOTS or not text.isascii():
        return None
    try:
        signed = jws.extract_compact(text.encode("ascii"), registry=_REGISTRY)
        claims = json_values.parse_alone(signed.payload.decode())
        header = signed.headers()
    except _FAULTS:
        return None
    # An extension that has to be understood is one that we do not know.
    if not isinstance(claims, dict) or not isinstance(header, dict) or "crit" in header:
        return None
    return WebToken(header=header, claims=claims, signed=signed)


def verify(token: WebToken, keys: Iterable[Key]) -> Key:
    """Return the one of ``keys`` that signed a token. Raises :class:`Refused`."""
    algorithm = token.header.get("alg")
    if not isinstance(algorithm, str):
        raise Refused("the token has no algorithm")
    found = jose_keys.verifying(keys, token.kid)
    if not found:
        raise Refused("invalid signature, no keys found")
    for key in found:
        if algorithm in key.algorithms and _is_signed(token, key, algorithm):
            return key
    raise Refused("invalid signature")


def sign(claims: Mapping[str, Any], key: Key) -> str:
    """Return a token with these claims."""
    header = {"alg": key.algorithms[0], "kid": key.kid}
    payload = json.dumps(claims, separators=(",", ":")).encode()
    return jws.serialize_compact(header, payload, key.native, registry=_REGISTRY)


def _is_signed(token: WebToken, key: Key, algorithm: str) -> bool:
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    try:
        return jws.validate_compact(token.signed, key.native, registry=registry)
    except _FAULTS:
        return False

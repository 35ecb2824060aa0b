"""Keys that sign tokens and verify them: from PEM, and from a JSON web key set."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512"),
    *("ES256", "ES384", "ES512"),
    *("PS256", "PS384", "PS512"),
)
"""All that are ever accepted. None of them can be used with a key that others know."""

_BY_CURVE: Final = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_LEAST_RSA_BITS: Final = 2048
_MOST_RSA_BITS: Final = 8192
"""Verifying takes longer with each bit, and others choose the keys of a set."""
_LEAST_RSA_TEXT: Final = _LEAST_RSA_BITS // 6
"""Characters of base64 that a modulus has at least."""
_MOST_KEYS: Final = 100
"""Entries of a set that are looked at: a token that names no key is held against all of them."""
_BLOCK: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_FAULTS: Final = (JoseError, ValueError, TypeError, KeyError, RecursionError, UnsupportedAlgorithm)


class UnusableKey(ValueError):
    """A key cannot be used; the text says why, and has nothing of the key in it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Key:
    """A key of RSA or ECDSA."""

    kid: str
    """What tokens name it by; empty for none."""
    algorithms: tuple[str, ...]
    """What it may be used with; the first is what it signs with."""
    native: RSAKey | ECKey

    @property
    def signs(self) -> bool:
        """Whether it is a private key."""
        return self.native.is_private

    def public(self) -> dict[str, str]:
        """Return the public key as a JSON web key (RFC 7517)."""
        found: Mapping[str, Any] = self.native.as_dict(private=False)
        shown = {name: str(found[name]) for name in ("n", "e", "crv", "x", "y") if name in found}
        kty = str(self.native.key_type)
        return {"use": "sig", "kty": kty, "kid": self.kid, "alg": self.algorithms[0], **shown}


def of_pem(text: str) -> list[Key]:
    """Return the keys of PEM text: private and public ones, and those of certificates.

    Each is named by the digest of its public half, as Kubernetes does. Raises
    :class:`UnusableKey`.
    """
    found = []
    for match in _BLOCK.finditer(text):
        if match[1] in ("EC PARAMETERS", "DH PARAMETERS"):
            continue
        found.append(_of_block(match[1], match[0].encode()))
    if not found:
        raise UnusableKey("there is no key in PEM form")
    return found


def of_set(data: Any) -> list[Key]:
    """Return the keys of a JSON web key set that can verify tokens; others are passed over.

    Raises :class:`UnusableKey` for what is no such set.
    """
    entries = data.get("keys") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise UnusableKey("there is no list of keys")
    return [key for entry in entries[:_MOST_KEYS] if (key := _of_entry(entry)) is not None]


def _of_block(label: str, block: bytes) -> Key:
    native: Any
    try:
        if label.endswith("PRIVATE KEY"):
            native = serialization.load_pem_private_key(block, None)
        elif label == "CERTIFICATE":
            native = x509.load_pem_x509_certificate(block).public_key()
        else:
            native = serialization.load_pem_public_key(block)
    except TypeError:
        raise UnusableKey("the private key has a passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKey(f"the {label.lower()} cannot be read") from None
    is_private = isinstance(native, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    public = native.public_key() if is_private else native
    if not isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise UnusableKey("the key is none of RSA or ECDSA")
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    kid = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    if isinstance(public, rsa.RSAPublicKey):
        _require_rsa(public)
        return Key(kid=kid, algorithms=("RS256",), native=RSAKey(native, native))
    key = ECKey(native, native)
    return Key(kid=kid, algorithms=_of_curve(key), native=key)


def _of_entry(entry: Any) -> Key | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    kid, chosen = entry.get("kid", ""), entry.get("alg")
    if not isinstance(kid, str):
        return None
    native: RSAKey | ECKey
    algorithms: tuple[str, ...]
    names: tuple[str, ...]
    try:
        if entry.get("kty") == "RSA":
            names = ("kty", "n", "e")
            if len(entry["n"]) < _LEAST_RSA_TEXT:
                return None
            native = RSAKey.import_key({name: entry[name] for name in names})
            _require_rsa(native.public_key)
            algorithms = tuple(name for name in ALGORITHMS if name[0] in "RP")
        elif entry.get("kty") == "EC":
            names = ("kty", "crv", "x", "y")
            native = ECKey.import_key({name: entry[name] for name in names})
            algorithms = _of_curve(native)
        else:
            return None
    except _FAULTS:
        return None
    if chosen is not None:
        algorithms = tuple(name for name in algorithms if name == chosen)
    return Key(kid=kid, algorithms=algorithms, native=native) if algorithms else None


def _require_rsa(key: rsa.RSAPublicKey) -> None:
    if not _LEAST_RSA_BITS <= key.key_size <= _MOST_RSA_BITS:
        raise UnusableKey(
            f"an RSA key has {_LEAST_RSA_BITS} to {_MOST_RSA_BITS} bits, this one {key.key_size}"
        )


def _of_curve(key: ECKey) -> tuple[str, ...]:
    algorithm = _BY_CURVE.get(key.curve_name)
    if algorithm is None:
        raise UnusableKey("an ECDSA key is on one of the curves P-256, P-384 and P-521")
    return (algorithm,)


def verifying(keys: Iterable[Key], kid: str) -> list[Key]:
    """Return the keys that a token can have been signed with: those that it names, or all."""
    return [key for key in keys if not kid or key.kid in ("", kid)]

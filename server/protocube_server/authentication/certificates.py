"""Users by their client certificates: the common name is the user, the organizations are groups.

What is read here has been verified by the TLS library: that it comes from a trusted authority, and
that its time had come and not passed when the connection was made.
"""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from protocube_server.authentication.identity import CREDENTIAL, Identity, known, unauthorized
from protocube_server.calls.user import User

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_KNOWN: Final = 4096
"""Certificates whose identities are kept."""


class Certificates:
    """Finds who shows a certificate, and keeps what it has read: connections make many calls."""

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        *,
        is_revoked: Callable[[User], bool] | None = None,
    ) -> None:
        """``is_revoked`` tells of a user's credential whether it counts no more."""
        self._clock = clock
        self._is_revoked = is_revoked
        self._known: dict[bytes, Identity | None] = {}

    def find(self, pem: bytes) -> Identity | None:
        """Return whom the first certificate in ``pem`` proves; ``None`` without a common name.

        Such a certificate is no credential, so another one may be. Raises
        ``errors.Unauthenticated`` for a certificate that cannot be read, for one that is revoked,
        and for one whose time has passed: no other credential makes up for those. Raises what
        ``is_revoked`` raises.
        """
        try:
            found = self._known[pem]
        except KeyError:
            found = self._known[pem] = self._unrevoked(self._read(pem))
            if len(self._known) > _MOST_KNOWN:
                del self._known[next(iter(self._known))]
        # TLS looks at the time once, when a connection is made.
        if found is not None and not found.is_valid():
            raise found.refusal(self._clock())
        return found

    def clear(self) -> None:
        """Forget all: each is to be read, and looked for among the revoked ones, anew."""
        self._known.clear()

    def _unrevoked(self, found: Identity | None) -> Identity | None:
        if found is not None and self._is_revoked is not None and self._is_revoked(found.user):
            raise unauthorized()
        return found

    def _read(self, pem: bytes) -> Identity | None:
        try:
            with warnings.catch_warnings():
                # What is odd about it, such as its number or a country, is for the TLS library to
                # judge; whoever shows it chooses that.
                warnings.simplefilter("ignore")
                certificate = x509.load_pem_x509_certificate(pem)
                # Its parts are read when they are asked for.
                user = _user(certificate)
                ends = certificate.not_valid_after_utc.timestamp()
        except Exception:  # noqa: BLE001  # the library raises errors of many classes
            raise unauthorized() from None
        clock = self._clock
        if user is None:
            return None
        return Identity(
            user=user, is_valid=lambda: clock() <= ends, ends=ends, what="client certificate"
        )


def _user(certificate: x509.Certificate) -> User | None:
    """Return whom a certificate names; ``None`` without a common name."""
    subject = certificate.subject
    names = _texts(subject, NameOID.COMMON_NAME)
    # Of several the last one holds, as in Kubernetes.
    if not names or not names[-1]:
        return None
    groups = tuple(_texts(subject, NameOID.ORGANIZATION_NAME))
    credential = f"X509SHA256={certificate.fingerprint(hashes.SHA256()).hex()}"
    return known(User(name=names[-1], groups=groups, extra={CREDENTIAL: (credential,)}))


def _texts(subject: x509.Name, kind: x509.ObjectIdentifier) -> list[str]:
    found = subject.get_attributes_for_oid(kind)
    return [each.value for each in found if isinstance(each.value, str)]

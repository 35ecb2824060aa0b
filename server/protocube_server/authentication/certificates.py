"""Users by their client certificates: the common name is the user, the organizations are groups.

What is read here has been verified by the TLS library: that it comes from a trusted authority, and
that its time had come and not passed when the connection was made.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections import OrderedDict
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

from protocube_server.authentication import der
from protocube_server.authentication.identity import CREDENTIAL, Identity, known
from protocube_server.calls.user import User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protocube_server.authentication.der import Element

_BEGIN: Final = b"-----BEGIN CERTIFICATE-----"
_END: Final = b"-----END CERTIFICATE-----"
_COMMON_NAME: Final = bytes.fromhex("550403")
_ORGANIZATION: Final = bytes.fromhex("55040a")
_MOST_KNOWN: Final = 4096
"""Certificates whose identities are kept."""
_FORMS: Final = {der.UTC_TIME: "%y%m%d%H%M%SZ", der.GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}


class Certificates:
    """Finds who shows a certificate, and keeps what it has read: connections make many calls."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._known: OrderedDict[bytes, Identity | None] = OrderedDict()

    def find(self, pem: bytes) -> Identity | None:
        """Return whom the first certificate in ``pem`` proves; ``None`` without a common name.

        ``None`` as well for one that cannot be read, and for one whose time has passed.
        """
        try:
            found = self._known[pem]
        except KeyError:
            found = self._known[pem] = self._read(pem)
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        # TLS looks at the time once, when a connection is made.
        return found if found is not None and found.is_valid() else None

    def _read(self, pem: bytes) -> Identity | None:
        try:
            binary = _binary(pem)
            subject, ends = _subject_and_end(binary)
            user = _user(subject, binary)
        except (der.Malformed, binascii.Error, ValueError):
            return None
        clock = self._clock
        return None if user is None else Identity(user=user, is_valid=lambda: clock() <= ends)


def _binary(pem: bytes) -> bytes:
    _, begin, rest = pem.partition(_BEGIN)
    body, end, _ = rest.partition(_END)
    if not begin or not end:
        raise der.Malformed("there is no certificate in PEM form")
    return base64.b64decode(b"".join(body.split()), validate=True)


def _subject_and_end(binary: bytes) -> tuple[Element, float]:
    """Return the subject of a certificate, and when its time ends, in seconds since 1970."""
    certificate = der.first(binary).require(der.SEQUENCE)
    fields = list(islice(der.first(certificate.body).require(der.SEQUENCE).parts(), 7))
    if fields and fields[0].tag == der.VERSION:
        del fields[0]
    # Serial number, algorithm, issuer, validity, subject.
    _, _, _, validity, subject, *_ = fields
    _, not_after = validity.require(der.SEQUENCE).parts()
    form = _FORMS.get(not_after.tag)
    if form is None:
        raise der.Malformed("the end of the validity is no time")
    ends = datetime.strptime(not_after.body.decode("ascii"), form).replace(tzinfo=UTC)
    return subject.require(der.SEQUENCE), ends.timestamp()


def _user(subject: Element, binary: bytes) -> User | None:
    name, groups = "", []
    for kind, text in _attributes(subject):
        if kind == _COMMON_NAME:
            name = text  # Of several the last one holds, as in Kubernetes.
        elif kind == _ORGANIZATION:
            groups.append(text)
    if not name:
        return None
    credential = f"X509SHA256={hashlib.sha256(binary).hexdigest()}"
    return known(User(name=name, groups=tuple(groups), extra={CREDENTIAL: (credential,)}))


def _attributes(subject: Element) -> Iterator[tuple[bytes, str]]:
    for together in subject.parts():
        for attribute in together.require(der.SET).parts():
            kind, value = attribute.require(der.SEQUENCE).parts()
            text = value.text()
            if text is not None:
                yield kind.require(der.IDENTIFIER).body, text

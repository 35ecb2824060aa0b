"""Who calls, by all the ways there are: the first credential that proves somebody decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.authentication import bearer
from protocube_server.authentication.identity import ANONYMOUS, Identity, always, unauthorized
from protocube_server.authentication.proven import Proven

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from protocube_server.authentication.certificates import Certificates
    from protocube_server.authentication.proving import ProvenFor, WebTokens
    from protocube_server.authentication.revocations import Revocations
    from protocube_server.authentication.tokens import Tokens

_ANONYMOUS = Identity(user=ANONYMOUS, is_valid=always)


class Authenticator:
    """Finds whom a call's credentials prove: a certificate's user, or else a token's."""

    def __init__(
        self,
        *,
        tokens: Tokens | None = None,
        admin: Tokens | None = None,
        certificates: Certificates | None = None,
        web_tokens: WebTokens | None = None,
        revocations: Revocations | None = None,
        anonymous: bool = False,
    ) -> None:
        """``admin`` has the token of the first administrator, which counts beside a certificate.

        ``revocations`` has the credentials that count no more. ``anonymous`` lets in callers who
        show no credential; a wrong one is still refused.
        """
        self._tokens = tokens
        self._admin = admin
        self._certificates = certificates
        self._web_tokens = web_tokens
        self._revocations = revocations
        self._anonymous = anonymous
        self._proven = Proven()
        if revocations is not None:
            revocations.forget = self._forget
        self.proven_by: Callable[[str], Identity | None] = self._proven.find
        """Returns whom an entry ``authorization`` proves that proved it before, or nobody.

        Where certificates may count it knows nobody: those come first.
        """
        if certificates is not None:
            self.proven_by = _nobody

    @property
    def asks_certificates(self) -> bool:
        """Whether :meth:`identity` is to be given the certificates of callers."""
        return self._certificates is not None

    @property
    def revokes(self) -> bool:
        """Whether a credential can count no more although it is valid."""
        return self._revocations is not None

    def identity(
        self, authorization: str | None, certificate: bytes | None = None
    ) -> Identity | Awaitable[Identity]:
        """Return who calls, by the value of the entry ``authorization`` and a certificate in PEM.

        A token that has to be verified first is awaited. Both ways raise
        ``errors.Unauthenticated`` and ``errors.Unavailable``, and the second one what a store
        raises.
        """
        if certificate is not None and self._certificates is not None:
            admin = self._first_admin(authorization) if authorization else None
            found = admin or self._certificates.find(certificate)
            if found is not None:
                return found
        token = bearer.token_of(authorization) if authorization else ""
        if not token:
            return self._unshown()
        known = self._known(token)
        if known is not None:
            return known
        if self._web_tokens is None:
            raise unauthorized()
        return self._prove(self._web_tokens, token)

    def at_once(self, authorization: str | None) -> Identity | None:
        """Return who calls, where the entry ``authorization`` alone tells it now.

        ``None`` where a certificate may count, or a token has to be verified first. Raises
        ``errors.Unauthenticated`` for who is not known for certain, and ``errors.Unavailable``.
        """
        if self._certificates is not None:
            return None
        token = bearer.token_of(authorization) if authorization else ""
        if not token:
            return self._unshown()
        found = self._known(token)
        if found is not None:
            return found
        if self._web_tokens is None or not self._web_tokens.takes(token):
            raise unauthorized()
        return None

    def must_verify(self, authorization: str | None) -> bool:
        """Tell whether the entry ``authorization`` has a token that is not known to be good."""
        token = bearer.token_of(authorization) if authorization else ""
        if not token or self._web_tokens is None or not self._web_tokens.takes(token):
            return False
        return self._known(token) is None

    def owner(self, authorization: str) -> Identity | None:
        """Return whom the token of an entry ``authorization`` proves, if that is known already.

        It need not be who calls: a certificate or a revocation may stand beside it.
        """
        token = bearer.token_of(authorization)
        return self._known(token) if token else None

    def holds(self, identity: Identity) -> bool:
        """Tell whether a credential still proves whom it has proven.

        Raises ``errors.Unavailable`` while that cannot be told.
        """
        if not identity.is_valid():
            if not identity.can_tell():
                text = f"it is not known whether the {identity.what} still holds; try again"
                raise errors.Unavailable(text, retry_after=1)
            return False
        revoked = self._revocations
        return revoked is None or not revoked.has(identity.user)

    def _forget(self) -> None:
        """Let every credential be held against what is revoked once more."""
        self._proven.clear()
        if self._certificates is not None:
            self._certificates.clear()

    def _unrevoked(self, found: Identity) -> Identity:
        if self._revocations is not None and self._revocations.has(found.user):
            raise unauthorized()
        return found

    async def _prove(self, web_tokens: WebTokens, token: str) -> Identity:
        identity = self._unrevoked(await web_tokens.prove(token))
        self._proven.keep(bearer.entry(token), identity)
        return identity

    def _unshown(self) -> Identity:
        """Return who calls without any credential. Raises ``errors.Unauthenticated``."""
        if self._anonymous:
            return _ANONYMOUS
        raise unauthorized()

    def _known(self, token: str) -> Identity | None:
        """Return whom a token proves that need not be verified any more."""
        entry = bearer.entry(token)
        found = self._proven.find(entry)
        if found is None:
            found = self._tokens.find(token) if self._tokens is not None else None
            if found is None and self._admin is not None:
                found = self._admin.find(token)
            if found is not None:
                self._proven.keep(entry, self._unrevoked(found))
        return found

    def _first_admin(self, authorization: str) -> Identity | None:
        """Return the first administrator, for whoever has the token and says so.

        A certificate's name comes before a token otherwise, and certificates that were good for
        everything must not leave a store without anybody who can give rights.
        """
        if not self._admin:
            return None
        return self._admin.find(bearer.token_of(authorization))

    async def prove_for(self, token: str, audiences: Collection[str]) -> ProvenFor | None:
        """Return whom a web token proves to one of ``audiences``, which need not be this server.

        ``None`` for a token that is none of those. Raises as :meth:`identity` does.
        """
        web_tokens = self._web_tokens
        if web_tokens is None or not web_tokens.takes(token):
            return None
        proven = await web_tokens.prove_for(token, audiences)
        if proven is not None:
            self._unrevoked(proven.identity)
        return proven


def _nobody(_: str) -> None:
    return None

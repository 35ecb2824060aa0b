"""Who may call a server, and what they may do there, as its settings say."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from protocube_server import credentials, tasks
from protocube_server.authentication.admin_token import AdminToken
from protocube_server.authentication.reviews import IdentityReviews
from protocube_server.authorization import may
from protocube_server.authorization.authorizer import Authorizer
from protocube_server.authorization.escalation import Escalation
from protocube_server.authorization.following import Following
from protocube_server.authorization.reviews import AccessReviews
from protocube_server.authorization.rights import Rights
from protocube_server.authorization.stages import Authorized, Known
from protocube_server.calls.chain import Stages
from protocube_server.calls.shares import FairShares
from protocube_server.credentials import Credentials
from protocube_server.edge.access import Access
from protocube_server.edge.listening import CannotListen
from protocube_server.settings import DEFAULT_ISSUER
from protocube_server.upkeep import aggregation
from protocube_server.verbs import default_roles

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping

    from protocube_server.audit.entering import Entering
    from protocube_server.authentication.authenticator import Authenticator
    from protocube_server.authentication.service_accounts.issuing import Issuer
    from protocube_server.cache import Cache
    from protocube_server.calls.admission import Admission
    from protocube_server.calls.in_force import Follower
    from protocube_server.calls.review import Review
    from protocube_server.cel.functions.authorizing import May
    from protocube_server.kinds.edition import Editions
    from protocube_server.settings import Settings
    from protocube_server.storage.awaited import AwaitedStore
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.verbs.api import Api

_NEEDS: Final = f"needs {credentials.FLAGS}: without one of them "
_ALL: Final = "always-allow"
_LOG = logging.getLogger("protocube.server")


def asks(settings: Settings) -> bool:
    """Tell whether callers are asked who they are."""
    return credentials.take_tokens(settings) or credentials.take_certificates(settings)


def require_safe(settings: Settings, *, loopback: bool) -> None:
    """Refuse settings that would let in everybody, or nobody, without saying so.

    ``loopback`` tells that only this machine can reach the server. Raises ``CannotListen`` and
    ``ValueError``.
    """
    if settings.reencrypt and settings.encryption is None:
        raise ValueError("--reencrypt needs --encryption-config, which says how")
    _require_issuers(settings)
    if not (loopback or settings.tls or settings.insecure_plaintext):
        raise CannotListen(
            f"cannot listen on {settings.listen} without TLS: anyone on the way could read "
            "and change everything (give --tls-cert and --tls-key, or accept it with "
            "--insecure-plaintext)"
        )
    if asks(settings):
        if settings.allow_everyone:
            raise ValueError(f"--allow-everyone contradicts {credentials.FLAGS}")
        _require_known(settings)
        return
    if settings.authentication_required:
        raise ValueError(f"--authentication=required {_NEEDS}nobody could call")
    if settings.authorization:
        raise ValueError(f"--authorization {_NEEDS}everybody is system:admin")
    if settings.anonymous:
        raise ValueError(f"--anonymous {_NEEDS}everybody is system:admin")
    if loopback:
        return
    if not settings.allow_everyone:
        raise CannotListen(
            f"cannot listen on {settings.listen} without authentication: whoever reaches it could "
            f"read and change everything (give {credentials.FLAGS}, or accept it with "
            "--allow-everyone)"
        )
    _LOG.warning(
        "everybody who reaches %s is system:admin and may do everything (--allow-everyone)",
        settings.listen,
    )


def _require_issuers(settings: Settings) -> None:
    """Refuse issuers of service accounts that no token could name. Raises ``ValueError``."""
    issuers = settings.service_account_issuers
    if issuers != (DEFAULT_ISSUER,) and not settings.service_account_keys:
        raise ValueError("--service-account-issuer needs --service-account-key, which signs")
    if not all(issuers):
        raise ValueError("--service-account-issuer is empty: every token names who it is from")


def _require_known(settings: Settings) -> None:
    """Refuse a listener whose callers could never be known. Raises ``ValueError``."""
    if not settings.listen_mtls or settings.anonymous or credentials.take_tokens(settings):
        return
    raise ValueError(
        "with --listen-mtls the callers of --listen show tokens, and there are none: give "
        "--token-file, --service-account-key or --authentication-config, or --client-ca without "
        "--listen-mtls"
    )


class Security:
    """How callers are known, and what they may do; nothing of it where nobody is asked."""

    def __init__(
        self,
        settings: Settings,
        store: AwaitedStore,
        cache: Cache,
        editions: Editions,
        entering: Entering | None = None,
    ) -> None:
        """``entering`` is told who is refused. Raises ``ValueError`` for an unusable token file."""
        self._store = store
        self._credentials: Credentials | None = None
        self._rights: Following | None = None
        self._admin: AdminToken | None = None
        self.access: Access | None = None
        """Lets callers in; ``None`` lets in everybody."""
        self.stages: Stages | None = None
        """The stages of calls where they ask for rights."""
        self.admission: Admission | None = None
        """Refuses to give away rights that the caller does not have."""
        self.may: May = may.everything
        """Answers what policies ask about the rights of callers."""
        self.issuer: Issuer | None = None
        """Makes tokens of service accounts."""
        self.reviews: Mapping[str, Review] = _reviews(None, None, None)
        """What answers questions about users and their rights."""
        if not asks(settings):
            return
        if settings.admin_token is not None:
            self._admin = AdminToken(settings.admin_token)
        admin = self._admin.tokens if self._admin is not None else None
        known = self._credentials = Credentials(settings, store, cache, editions, admin)
        authenticator, self.issuer = known.authenticator, known.issuer
        if settings.authorization == _ALL:
            self.access = Access(authenticator, entering=entering)
            self.reviews = _reviews(authenticator, None, self.issuer)
            return
        authorizer = Authorizer(Rights())
        rights = self._rights = Following(store, cache, editions.current.kinds, authorizer)
        self.access = Access(
            authenticator, authorizer=authorizer, settled=rights.settled, entering=entering
        )
        self.stages = Stages(
            limited_by_connection=FairShares(),
            known=Known(authorizer),
            authorized=Authorized(authorizer),
        )
        self.admission = Escalation(authorizer)
        self.may = may.by(authorizer)
        self.reviews = _reviews(authenticator, authorizer, self.issuer)

    @property
    def followers(self) -> tuple[Follower, ...]:
        """What looks at writes of roles and bindings, and of what tokens name."""
        found: list[Follower] = []
        if self._rights is not None:
            found.append(self._rights)
        if self._credentials is not None:
            found += self._credentials.followers
        return tuple(found)

    async def prepare(self, api: Api) -> None:
        """Make the roles that every server with roles has, and the first administrator's token.

        Raises ``Full`` and as a store does.
        """
        if self._rights is not None:
            await default_roles.bootstrap(api)
        if self._admin is not None:
            has_roles = self._rights is not None
            alone = has_roles and not await default_roles.has_administrators(api)
            self._admin.settle(wanted=alone)

    def workers(self, api: Api) -> list[Worker]:
        """Return what the leader does for roles."""
        return [aggregation.aggregating(api, self._rights)] if self._rights is not None else []

    @asynccontextmanager
    async def following_rights(self) -> AsyncGenerator[None, None]:
        """Follow the roles and bindings, and what tokens name, once there is a store.

        It outlives all calls.
        """
        async with AsyncExitStack() as stack:
            if self._credentials is not None:
                await stack.enter_async_context(self._credentials.following_objects())
            if self._rights is not None:
                await stack.enter_async_context(tasks.beside(self._follow(self._rights)))
            yield

    @asynccontextmanager
    async def following_credentials(
        self, recheck: Callable[[], None]
    ) -> AsyncGenerator[None, None]:
        """Call ``recheck`` whenever somebody may have lost their name or a right."""
        works: list[Coroutine[None, None, None]] = []
        if self._rights is not None:
            self._rights.changed = recheck
        if self._credentials is not None:
            works += self._credentials.works(recheck)
        async with AsyncExitStack() as stack:
            for work in works:
                await stack.enter_async_context(tasks.beside(work))
            yield

    async def ready(self) -> None:
        """Wait until the rights of callers are known, and which credentials are revoked."""
        if self._credentials is not None:
            await self._credentials.ready()
        if self._rights is not None:
            await self._rights.loaded()

    async def _follow(self, rights: Following) -> None:
        await self._store.there()
        await rights.run()


def _reviews(
    authenticator: Authenticator | None,
    authorizer: Authorizer | None,
    issuer: Issuer | None = None,
) -> Mapping[str, Review]:
    audiences = issuer.audiences if issuer is not None else ()
    identity = IdentityReviews(authenticator, audiences=audiences)
    return {**identity.by_name, **AccessReviews(authorizer).by_name}

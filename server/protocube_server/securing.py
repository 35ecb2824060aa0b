"""Who may call a server, and what they may do there, as its settings say."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from protocube_server import tasks
from protocube_server.authentication.authenticator import Authenticator
from protocube_server.authentication.certificates import Certificates
from protocube_server.authentication.token_file import TokenFile
from protocube_server.authorization import may
from protocube_server.authorization.authorizer import Authorizer
from protocube_server.authorization.escalation import Escalation
from protocube_server.authorization.following import Following
from protocube_server.authorization.rights import Rights
from protocube_server.authorization.stages import Authorized, Known
from protocube_server.calls.chain import Stages
from protocube_server.calls.shares import FairShares
from protocube_server.edge.access import Access
from protocube_server.edge.listening import CannotListen
from protocube_server.upkeep import aggregation
from protocube_server.verbs import default_roles

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine

    from protocube_server.audit.entering import Entering
    from protocube_server.cache import Cache
    from protocube_server.calls.admission import Admission
    from protocube_server.calls.in_force import Follower
    from protocube_server.cel.functions.authorizing import May
    from protocube_server.kinds.edition import Editions
    from protocube_server.settings import Settings
    from protocube_server.storage.awaited import AwaitedStore
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.verbs.api import Api

_LOOK_SECONDS: Final = 2.0
"""How often the certificates of open streams are held against the time."""
_NEEDS: Final = "needs --token-file or --client-ca: without them "
_ALL: Final = "always-allow"
_LOG = logging.getLogger("protocube.server")


def asks(settings: Settings) -> bool:
    """Tell whether callers are asked who they are."""
    return settings.token_file is not None or _asks_certificates(settings)


def require_safe(settings: Settings, *, loopback: bool) -> None:
    """Refuse settings that would let in everybody, or nobody, without saying so.

    ``loopback`` tells that only this machine can reach the server. Raises ``CannotListen`` and
    ``ValueError``.
    """
    if not (loopback or settings.tls or settings.insecure_plaintext):
        raise CannotListen(
            f"cannot listen on {settings.listen} without TLS: anyone on the way could read "
            "and change everything (give --tls-cert and --tls-key, or accept it with "
            "--insecure-plaintext)"
        )
    if asks(settings):
        if settings.allow_everyone:
            raise ValueError("--allow-everyone contradicts --token-file and --client-ca")
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
            "read and change everything (give --client-ca or --token-file, or accept it with "
            "--allow-everyone)"
        )
    _LOG.warning(
        "everybody who reaches %s is system:admin and may do everything (--allow-everyone)",
        settings.listen,
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
        self._tokens: TokenFile | None = None
        self._certificates: Certificates | None = None
        self._rights: Following | None = None
        self.access: Access | None = None
        """Lets callers in; ``None`` lets in everybody."""
        self.stages: Stages | None = None
        """The stages of calls where they ask for rights."""
        self.admission: Admission | None = None
        """Refuses to give away rights that the caller does not have."""
        self.may: May = may.everything
        """Answers what policies ask about the rights of callers."""
        if not asks(settings):
            return
        if settings.token_file is not None:
            self._tokens = TokenFile(settings.token_file)
        if _asks_certificates(settings):
            self._certificates = Certificates()
        authenticator = Authenticator(
            tokens=self._tokens.tokens if self._tokens is not None else None,
            certificates=self._certificates,
            anonymous=settings.anonymous,
        )
        if settings.authorization == _ALL:
            self.access = Access(authenticator, entering=entering)
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

    @property
    def followers(self) -> tuple[Follower, ...]:
        """What looks at writes of roles and bindings."""
        return () if self._rights is None else (self._rights,)

    async def prepare(self, api: Api) -> None:
        """Make the roles that every server with roles has. Raises ``Full`` and as a store does."""
        if self._rights is not None:
            await default_roles.bootstrap(api)

    def workers(self, api: Api) -> list[Worker]:
        """Return what the leader does for roles."""
        return [aggregation.aggregating(api, self._rights)] if self._rights is not None else []

    @asynccontextmanager
    async def following_rights(self) -> AsyncGenerator[None, None]:
        """Follow the roles and bindings, once there is a store. It outlives all calls."""
        async with AsyncExitStack() as stack:
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
        if self._tokens is not None:
            works.append(self._tokens.follow(recheck))
        if self._certificates is not None:
            works.append(tasks.now_and_then(recheck, every=_LOOK_SECONDS))
        async with AsyncExitStack() as stack:
            for work in works:
                await stack.enter_async_context(tasks.beside(work))
            yield

    async def ready(self) -> None:
        """Wait until the rights of callers are known."""
        if self._rights is not None:
            await self._rights.loaded()

    async def _follow(self, rights: Following) -> None:
        await self._store.there()
        await rights.run()


def _asks_certificates(settings: Settings) -> bool:
    return settings.tls is not None and settings.tls.client_authority is not None

"""By what callers are known, as a server's settings say."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from protocube_server import tasks
from protocube_server.authentication import revocations
from protocube_server.authentication.authenticator import Authenticator
from protocube_server.authentication.certificates import Certificates
from protocube_server.authentication.openid.proving import OpenIdTokens
from protocube_server.authentication.proving import WebTokens
from protocube_server.authentication.revocations import Revocations
from protocube_server.authentication.service_accounts.issuing import Issuer
from protocube_server.authentication.service_accounts.key_files import KeyFiles
from protocube_server.authentication.service_accounts.live_objects import LiveObjects
from protocube_server.authentication.service_accounts.proving import ServiceAccounts
from protocube_server.authentication.token_file import TokenFile

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine

    from protocube_server.authentication.proving import Prover
    from protocube_server.authentication.tokens import Tokens
    from protocube_server.cache import Cache
    from protocube_server.calls.in_force import Follower
    from protocube_server.kinds.edition import Editions
    from protocube_server.settings import Settings
    from protocube_server.storage.awaited import AwaitedStore

FLAGS: Final = "--token-file, --client-ca, --service-account-key or --authentication-config"
"""What says how callers are known."""

_LOOK_SECONDS: Final = 2.0
"""How often what expires is held against the time, for open streams."""


def take_certificates(settings: Settings) -> bool:
    """Tell whether callers are known by their certificates."""
    return settings.tls is not None and settings.tls.client_authority is not None


def take_tokens(settings: Settings) -> bool:
    """Tell whether callers are known by tokens."""
    return bool(
        settings.token_file or settings.service_account_keys or settings.authentication_config
    )


class Credentials:
    """All ways in which callers are known."""

    def __init__(
        self,
        settings: Settings,
        store: AwaitedStore,
        cache: Cache,
        editions: Editions,
        admin: Tokens | None = None,
    ) -> None:
        """``admin`` has the first administrator's token.

        Raises ``ValueError`` for a file that cannot be used.
        """
        self._store = store
        self._tokens = TokenFile(settings.token_file) if settings.token_file is not None else None
        self._keys: KeyFiles | None = None
        self._objects: LiveObjects | None = None
        self._openid: OpenIdTokens | None = None
        self.issuer: Issuer | None = None
        """Makes tokens of service accounts, where there is a key for them."""
        provers: list[Prover] = []
        if settings.service_account_keys:
            self._keys = KeyFiles(settings.service_account_keys)
            self._objects = LiveObjects(store, cache, editions)
            self.issuer = Issuer(self._keys, settings.service_account_issuers)
            provers.append(ServiceAccounts(self.issuer, self._objects))
        if settings.authentication_config is not None:
            own = settings.service_account_issuers if settings.service_account_keys else ()
            self._openid = OpenIdTokens(settings.authentication_config, own=own)
            provers.append(self._openid)
        self._expire = take_certificates(settings) or bool(provers)
        # Those of a token file have no ids: they are revoked by the file.
        configmaps = editions.current.kinds.for_message(revocations.KIND)
        self._revocations: Revocations | None = None
        if self._expire and configmaps is not None:
            self._revocations = Revocations(store, cache, configmaps)
        certificates: Certificates | None = None
        if take_certificates(settings):
            is_revoked = self._revocations.has if self._revocations is not None else None
            certificates = Certificates(is_revoked=is_revoked)
        self.authenticator = Authenticator(
            tokens=self._tokens.tokens if self._tokens is not None else None,
            admin=admin,
            certificates=certificates,
            web_tokens=WebTokens(provers) if provers else None,
            revocations=self._revocations,
            anonymous=_lets_in_anonymous(settings, self._openid),
        )

    @property
    def followers(self) -> tuple[Follower, ...]:
        """What looks at writes: tokens end with what they name before its removal is answered."""
        found: tuple[Follower | None, ...] = (self._objects, self._revocations)
        return tuple(each for each in found if each is not None)

    def works(self, recheck: Callable[[], None]) -> list[Coroutine[None, None, None]]:
        """Return what keeps the credentials as they are, to be run beside the calls.

        It calls ``recheck`` whenever somebody may have lost their name.
        """
        works: list[Coroutine[None, None, None]] = []
        if self._tokens is not None:
            works.append(self._tokens.follow(recheck))
        if self._keys is not None:
            works.append(self._keys.follow(recheck))
        if self._objects is not None:
            self._objects.changed = recheck
        if self._revocations is not None:
            self._revocations.changed = recheck
        if self._openid is not None:
            works += [self._openid.follow(recheck), self._openid.run(recheck)]
        if self._expire:
            works.append(tasks.now_and_then(recheck, every=_LOOK_SECONDS))
        return works

    @asynccontextmanager
    async def following_objects(self) -> AsyncGenerator[None, None]:
        """Follow what tokens name, once there is a store. It outlives all calls."""
        async with AsyncExitStack() as stack:
            for each in (self._objects, self._revocations):
                if each is not None:
                    await stack.enter_async_context(tasks.beside(self._follow(each)))
            yield

    async def ready(self) -> None:
        """Wait until it is known which credentials are revoked."""
        if self._revocations is not None:
            await self._revocations.loaded()

    async def _follow(self, objects: LiveObjects | Revocations) -> None:
        await self._store.there()
        await objects.run()


def _lets_in_anonymous(settings: Settings, openid: OpenIdTokens | None) -> bool:
    """Tell whether callers may show nothing. Raises ``ValueError`` when that is said twice."""
    said = openid.anonymous if openid is not None else None
    if said is None:
        return settings.anonymous
    if settings.anonymous:
        raise ValueError("--anonymous and anonymous in --authentication-config exclude each other")
    return said

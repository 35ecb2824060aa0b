"""One issuer: where its keys are, which they are, and whom its tokens prove."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final

from protocube.quoting import quote
from protocube_server.authentication.identity import Identity, known
from protocube_server.authentication.jose import keys as jose_keys
from protocube_server.authentication.jose import tokens
from protocube_server.authentication.jose.keys import UnusableKey
from protocube_server.authentication.jose.tokens import Refused
from protocube_server.authentication.openid.fetching import CannotFetchError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from protocube_server.authentication.jose.keys import Key
    from protocube_server.authentication.jose.tokens import WebToken
    from protocube_server.authentication.openid.configuration import Authenticator

_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_AGAIN_SECONDS: Final = 10.0
"""So often keys are fetched at most."""
_REFRESH_SECONDS: Final = 300.0
"""So often they are fetched while nothing asks for others: one may have been taken away."""
_MOST_WAITING: Final = 32
"""Calls that wait for keys to be fetched; others are refused at once."""
_SKEW_SECONDS: Final = 300.0

_LOG = logging.getLogger(__name__)


class Provider:
    """Keeps the keys of an issuer, and proves its tokens."""

    def __init__(
        self,
        authenticator: Authenticator,
        fetch: Callable[[str], Awaitable[Any]],
        *,
        clock: Callable[[], float] = time.time,
        again: float = _AGAIN_SECONDS,
    ) -> None:
        """``fetch`` returns a JSON document by its URL."""
        self.authenticator = authenticator
        self.is_used = True
        """Whether the settings still have it."""
        self._fetch = fetch
        self._clock = clock
        self._again = again
        self._keys: tuple[Key, ...] = ()
        self._is_initialized = False
        self._fetched = -again
        self._fetching = asyncio.Lock()
        self._waiting = 0

    async def run(self, recheck: Callable[[], None]) -> None:
        """Fetch the keys now and then; call ``recheck`` after that. Cancel it."""
        told = ""
        while True:
            try:
                await self._refresh()
                told = ""
            except CannotFetchError as error:
                if str(error) != told:
                    told = str(error)
                    _LOG.warning("oidc: %s: %s", self.authenticator.url, told)
            recheck()
            await asyncio.sleep(_REFRESH_SECONDS if self._is_initialized else self._again)

    async def prove(self, token: WebToken) -> Identity:
        """Return whom a token proves. Raises ``Refused``; its words are mostly Kubernetes'."""
        if not self._is_initialized:
            url = quote(self.authenticator.url)
            raise Refused(f"oidc: authenticator for issuer {url} is not initialized")
        key = await self._verified(token)
        self._require_audience(token)
        ends = self._require_time(token)
        user = known(self.authenticator.claims.user(token.claims))
        clock = self._clock

        def is_valid() -> bool:
            return self.is_used and clock() <= ends and key in self._keys

        return Identity(user=user, is_valid=is_valid, ends=ends)

    async def _verified(self, token: WebToken) -> Key:
        if not jose_keys.verifying(self._keys, token.kid):
            await self._look_for_others()
        try:
            return tokens.verify(token, self._keys)
        except Refused as error:
            raise Refused(f"oidc: verify token: {error}") from None

    async def _look_for_others(self) -> None:
        """Fetch the keys again, unless that was done just now."""
        if self._waiting >= _MOST_WAITING:
            return
        began = time.monotonic()
        self._waiting += 1
        try:
            async with self._fetching:
                if self._fetched > began or began - self._fetched < self._again:
                    return
                await self._refresh()
        except CannotFetchError as error:
            _LOG.warning("oidc: %s: %s", self.authenticator.url, error)
        finally:
            self._waiting -= 1

    async def _refresh(self) -> None:
        """Fetch the keys. Raises :class:`CannotFetchError`."""
        self._fetched = time.monotonic()
        url = self.authenticator.url
        where = self.authenticator.discovery_url or f"{url.rstrip('/')}{_WELL_KNOWN}"
        found = await self._fetch(where)
        named = found.get("issuer") if isinstance(found, dict) else None
        if named != url:
            raise CannotFetchError(
                "oidc: issuer did not match the issuer returned by provider, expected "
                f"{quote(url)} got {quote(str(named)[:200])}"
            )
        place = found.get("jwks_uri")
        if not isinstance(place, str):
            raise CannotFetchError(f"{where} has no jwks_uri")
        try:
            keys = jose_keys.of_set(await self._fetch(place))
        except UnusableKey as error:
            raise CannotFetchError(f"{place}: {error}") from None
        # A key that stays is the same one: what it has proven holds.
        before = {tuple(key.public().items()): key for key in self._keys}
        self._keys = tuple(before.get(tuple(key.public().items()), key) for key in keys)
        self._is_initialized = True

    def _require_audience(self, token: WebToken) -> None:
        wanted, found = self.authenticator.audiences, token.audiences
        if set(wanted).intersection(found):
            return
        told = f"[{' '.join(quote(each) for each in found)}]"
        if len(wanted) == 1:
            expected = f"expected audience {quote(wanted[0])}"
        else:
            expected = f"expected audience in [{' '.join(quote(each) for each in sorted(wanted))}]"
        raise Refused(f"oidc: verify token: oidc: {expected} got {told}")

    def _require_time(self, token: WebToken) -> float:
        """Return when a token expires."""
        now, ends, begins = self._clock(), token.time("exp"), token.time("nbf")
        if ends is None or now > ends:
            raise Refused("oidc: verify token: oidc: token is expired", ended=ends)
        if begins is not None and now < begins - _SKEW_SECONDS:
            raise Refused("oidc: verify token: oidc: token is not valid yet")
        return ends

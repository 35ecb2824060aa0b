"""Proves who shows a token of one of the issuers that a file names."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from protocube_server import followed_file
from protocube_server.authentication.jose.tokens import Refused
from protocube_server.authentication.openid import configuration, fetching
from protocube_server.authentication.openid.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable
    from pathlib import Path
    from typing import Any

    from protocube_server.authentication.identity import Identity
    from protocube_server.authentication.jose.tokens import WebToken
    from protocube_server.authentication.openid.configuration import Authenticator, Configuration
    from protocube_server.followed_file import FollowedFile


class OpenIdTokens:
    """A :class:`~protocube_server.authentication.proving.Prover` of the tokens of issuers.

    An issuer that cannot be reached is asked again and again; its tokens are refused meanwhile.
    """

    def __init__(
        self,
        file: Path,
        *,
        own: Iterable[str] = (),
        fetching_by: Callable[[str], Callable[[str], Awaitable[Any]]] = fetching.by_https,
    ) -> None:
        """Read the file, which may not name the issuers ``own``. Raises ``UnusableFile``.

        ``fetching_by`` returns what fetches documents from servers of an authority.
        """
        self._own = frozenset(own)
        parse = partial(configuration.parse, file=str(file), own=sorted(self._own))
        self._file: FollowedFile[Configuration] = followed_file.of_text(
            file, parse, what=configuration.WHAT
        )
        self._fetching_by = fetching_by
        self._providers: dict[str, Provider] = {}
        self._changed = asyncio.Event()
        self.anonymous = self._file.first.anonymous
        """What the file said of callers without a credential, when it was first read."""
        self._use(self._file.first)

    def takes(self, token: WebToken) -> bool:
        """See ``Prover``."""
        return token.issuer in self._providers

    async def prove(self, token: WebToken, audiences: Collection[str] = ()) -> Identity:
        """See ``Prover``. Such tokens are for this server alone, whatever they name."""
        if audiences and not self._own.intersection(audiences):
            raise Refused("oidc: the token is for none of the audiences")
        provider = self._providers.get(token.issuer)
        if provider is None:
            raise Refused(f"oidc: no issuer {token.issuer}")
        return await provider.prove(token)

    async def follow(self, recheck: Callable[[], None], *, every: float = 1.0) -> None:
        """Read the file again when it changes; ``recheck`` is called then. Cancel it."""

        def use(found: Configuration) -> None:
            self._use(found)
            recheck()

        await self._file.follow(use, every=every)

    async def run(self, recheck: Callable[[], None]) -> None:
        """Keep the keys of all issuers. Cancel it."""
        running: dict[Provider, asyncio.Task[None]] = {}
        try:
            while True:
                self._changed.clear()
                wanted = list(self._providers.values())
                for provider in wanted:
                    if provider not in running:
                        running[provider] = asyncio.create_task(provider.run(recheck))
                await _end([running.pop(each) for each in list(running) if each not in wanted])
                await self._changed.wait()
        finally:
            await _end(list(running.values()))

    def _use(self, found: Configuration) -> None:
        before, self._providers = self._providers, {}
        for authenticator in found.authenticators:
            kept = before.get(authenticator.url)
            if kept is None or kept.authenticator.source != authenticator.source:
                kept = self._made(authenticator)
            self._providers[authenticator.url] = kept
        for provider in before.values():
            provider.is_used = self._providers.get(provider.authenticator.url) is provider
        self._changed.set()

    def _made(self, authenticator: Authenticator) -> Provider:
        return Provider(authenticator, self._fetching_by(authenticator.authority))


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

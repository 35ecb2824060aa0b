"""Web tokens: who proves them, and what was proven already."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from protocube_server.authentication.digests import Digests
from protocube_server.authentication.identity import unauthorized
from protocube_server.authentication.jose import tokens
from protocube_server.authentication.jose.tokens import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from protocube_server.authentication.identity import Identity
    from protocube_server.authentication.jose.tokens import WebToken

_MOST_KNOWN: Final = 4096
"""Tokens whose identities are kept."""
_MOST_TEXT: Final = 1000
"""Characters of a reason that are logged: callers can choose what stands in it."""
_LINES: Final = 10
_EVERY_SECONDS: Final = 10.0

_LOG = logging.getLogger(__name__)


class Prover(Protocol):
    """Proves the tokens of its issuers."""

    def takes(self, token: WebToken) -> bool:
        """Tell whether a token claims to come from one of them."""
        ...

    async def prove(self, token: WebToken, audiences: Collection[str] = ()) -> Identity:
        """Return whom a token proves that is for one of ``audiences``, or else for this server.

        Raises ``tokens.Refused``, and ``errors.ApiError`` when it cannot be told now.
        """
        ...


class WebTokens:
    """Finds whom web tokens prove. Only what is proven is kept, and only so much of it."""

    def __init__(
        self, provers: Sequence[Prover], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """The first of ``provers`` that takes a token decides."""
        self._provers = provers
        self._digest = Digests()
        self._known: dict[bytes, Identity] = {}
        self._log = _Reasons(clock)

    def find(self, text: str) -> Identity | None:
        """Return whom a token has proven before, and still proves."""
        if not self._known or text.count(".") != tokens.DOTS:
            return None
        digest = self._digest(text)
        found = self._known.get(digest)
        if found is not None and not found.is_valid():
            del self._known[digest]
            return None
        return found

    async def prove(self, text: str) -> Identity:
        """Return whom a token proves. Raises ``errors.Unauthenticated``; the log says why.

        Raises other errors when it cannot be told now.
        """
        identity = await self._prove(text)
        self._known[self._digest(text)] = identity
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return identity

    def takes(self, text: str) -> bool:
        """Tell whether a token claims to come from one of the issuers."""
        token = tokens.read(text)
        return token is not None and any(each.takes(token) for each in self._provers)

    async def prove_for(self, text: str, audiences: Collection[str]) -> ProvenFor:
        """Return whom a token proves that is for one of ``audiences``, and for which of them.

        Raises as :meth:`prove` does. Nothing is remembered: such a token may not be for us.
        """
        identity = await self._prove(text, audiences)
        token = tokens.read(text)
        named = token.audiences if token is not None else []
        meant = tuple(each for each in audiences if each in named)
        return ProvenFor(identity=identity, audiences=meant)

    async def _prove(self, text: str, audiences: Collection[str] = ()) -> Identity:
        token = tokens.read(text)
        prover = next((each for each in self._provers if token and each.takes(token)), None)
        if token is None or prover is None:
            raise unauthorized()
        try:
            return await prover.prove(token, audiences)
        except Refused as error:
            self._log.note(str(error))
            raise unauthorized(error.ended) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenFor:
    """Whom a token proves, and which of those who asked may believe it."""

    identity: Identity
    audiences: tuple[str, ...]


class _Reasons:
    """Logs why tokens were refused: so many lines in so many seconds, however many there are."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = 0.0
        self._left = 0

    def note(self, reason: str) -> None:
        """Log a reason, if there is room."""
        now = self._clock()
        if now >= self._until:
            self._until, self._left = now + _EVERY_SECONDS, _LINES
        if self._left <= 0:
            return
        self._left -= 1
        more = "" if self._left else "; more of them are not logged now"
        _LOG.warning("a token was refused: %s%s", reason[:_MOST_TEXT], more)

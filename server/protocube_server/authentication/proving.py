"""Web tokens, and who proves them."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from protocube_server.authentication.identity import unauthorized
from protocube_server.authentication.jose import tokens
from protocube_server.authentication.jose.tokens import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from protocube_server.authentication.identity import Identity
    from protocube_server.authentication.jose.tokens import WebToken

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
    """Finds whom web tokens prove. It keeps none of them."""

    def __init__(
        self, provers: Sequence[Prover], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """The first of ``provers`` that takes a token decides."""
        self._provers = provers
        self._log = _Reasons(clock)

    async def prove(self, text: str, audiences: Collection[str] = ()) -> Identity:
        """Return whom a token proves that is for one of ``audiences``, or else for this server.

        Raises ``errors.Unauthenticated``; the log says why. Raises other errors when it cannot be
        told now.
        """
        token = tokens.read(text)
        prover = next((each for each in self._provers if token and each.takes(token)), None)
        if token is None or prover is None:
            raise unauthorized()
        try:
            return await prover.prove(token, audiences)
        except Refused as error:
            self._log.note(str(error))
            raise unauthorized(error.ended) from None

    def takes(self, text: str) -> bool:
        """Tell whether a token claims to come from one of the issuers."""
        token = tokens.read(text)
        return token is not None and any(each.takes(token) for each in self._provers)

    async def prove_for(self, text: str, audiences: Collection[str]) -> ProvenFor:
        """Return whom a token proves that is for one of ``audiences``, and for which of them.

        Raises as :meth:`prove` does. Nothing is remembered: such a token may not be for us.
        """
        identity = await self.prove(text, audiences)
        token = tokens.read(text)
        named = token.audiences if token is not None else []
        meant = tuple(each for each in audiences if each in named)
        return ProvenFor(identity=identity, audiences=meant)


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

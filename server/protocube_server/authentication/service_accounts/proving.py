"""Proves who shows a service account's token."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from protocube.quoting import quote
from protocube_server.authentication.identity import CREDENTIAL, Identity, known
from protocube_server.authentication.jose import tokens
from protocube_server.authentication.jose.tokens import Refused
from protocube_server.authentication.service_accounts import claims as account_claims
from protocube_server.authentication.service_accounts.live_objects import ACCOUNT, BOUND
from protocube_server.calls import service_accounts
from protocube_server.calls.user import User

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from protocube_server.authentication.jose.tokens import WebToken
    from protocube_server.authentication.service_accounts.claims import Claims
    from protocube_server.authentication.service_accounts.issuing import Issuer
    from protocube_server.authentication.service_accounts.live_objects import (
        LiveObject,
        LiveObjects,
    )

_SKEW_SECONDS: Final = 60.0
"""How far the clock of the server that issued a token may be ahead."""
_EXTRA: Final = "authentication.kubernetes.io"
_INVALIDATED: Final = "service account token has been invalidated"


class ServiceAccounts:
    """A :class:`~protocube_server.authentication.proving.Prover` of the tokens of accounts."""

    def __init__(
        self,
        issuer: Issuer,
        objects: LiveObjects,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._objects = objects
        self._clock = clock

    def takes(self, token: WebToken) -> bool:
        """See ``Prover``."""
        return token.issuer in self._issuer.audiences

    async def prove(self, token: WebToken, audiences: Collection[str] = ()) -> Identity:
        """See ``Prover``. The reasons of refusals are Kubernetes'."""
        key = tokens.verify(token, self._issuer.keys)
        self._require_audience(token, audiences or self._issuer.audiences)
        ends = self._require_time(token)
        said = account_claims.of_token(token)
        if token.claims.get("sub") != service_accounts.user_name(said.namespace, said.account.name):
            raise Refused("the subject of the token is not its service account")
        rests = await self._rests(said)
        clock, issuer = self._clock, self._issuer

        def is_valid() -> bool:
            now = clock()
            return (
                now <= ends
                and issuer.verifies_by(key)
                and all(each.found.proves(each.uid, now) for each in rests)
            )

        def can_tell() -> bool:
            return all(each.found.is_known for each in rests)

        return Identity(user=_user(token, said), is_valid=is_valid, can_tell=can_tell, ends=ends)

    def _require_audience(self, token: WebToken, wanted: Collection[str]) -> None:
        audiences = token.audiences
        if not set(audiences).intersection(wanted):
            raise Refused(
                f"token audiences {_quoted(audiences)} is invalid for the target audiences "
                f"{_quoted(wanted)}"
            )

    def _require_time(self, token: WebToken) -> float:
        """Return when a token expires."""
        now, ends, begins = self._clock(), token.time("exp"), token.time("nbf")
        if ends is None or now > ends:
            raise Refused("service account token has expired", ended=ends)
        if begins is not None and now < begins - _SKEW_SECONDS:
            raise Refused("service account token is not valid yet")
        return ends

    async def _rests(self, said: Claims) -> list[_Rest]:
        """Return what a token rests on, all of which is there."""
        now, namespace, account = self._clock(), said.namespace, said.account
        found = await self._objects.find(ACCOUNT, namespace, account.name)
        if found is None or not found.uid or now > found.ends:
            raise Refused(f"service account {namespace}/{account.name} has been deleted")
        if found.uid != account.uid:
            raise Refused(f"service account UID ({found.uid}) does not match claim ({account.uid})")
        rests = [_Rest(found, account.uid)]
        for word, reference in said.bound.items():
            if word == "node" and "pod" in said.bound:
                continue  # It says where the pod was, and is no condition.
            found = await self._objects.find(BOUND[word], namespace, reference.name)
            if found is None or not found.uid or found.uid != reference.uid or now > found.ends:
                raise Refused(_INVALIDATED)
            rests.append(_Rest(found, reference.uid))
        return rests


@dataclass(frozen=True, slots=True)
class _Rest:
    """An object that a token rests on, and the uid that it must have."""

    found: LiveObject
    uid: str


def _user(token: WebToken, said: Claims) -> User:
    extra: dict[str, tuple[str, ...]] = {}
    number = token.claims.get("jti")
    if isinstance(number, str) and number:
        extra[CREDENTIAL] = (f"JTI={number}",)
    for word in ("pod", "node"):
        reference = said.bound.get(word)
        if reference is not None:
            extra[f"{_EXTRA}/{word}-name"] = (reference.name,)
            if reference.uid:
                extra[f"{_EXTRA}/{word}-uid"] = (reference.uid,)
    return known(
        User(
            name=service_accounts.user_name(said.namespace, said.account.name),
            groups=service_accounts.groups(said.namespace),
            uid=said.account.uid,
            extra=extra,
        )
    )


def _quoted(texts: Iterable[str]) -> str:
    return f"[{' '.join(quote(text) for text in texts)}]"

"""Lets callers in: who they are, and whether they may call a method that is no kind's.

What a caller may do to objects is asked by stages of the call, once it is known what it is for.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server import flows
from protocube_server.authentication import bearer
from protocube_server.authentication.identity import Identity
from protocube_server.authorization.attributes import Attributes
from protocube_server.authorization.own_rights import OwnRights
from protocube_server.edge import bulk, callers, impersonation, telling, watches
from protocube_server.edge.callers import Arrival

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import grpc

    from protocube_server.audit.entering import Entering
    from protocube_server.authentication.authenticator import Authenticator
    from protocube_server.authorization.authorizer import Authorizer
    from protocube_server.calls.standing import Standing
    from protocube_server.calls.user import User
    from protocube_server.edge.telling import Enter
    from protocube_server.verbs.entrance import Everything

    Context = grpc.aio.ServicerContext[Any, Any]

_HEALTH: Final = "/grpc.health.v1.Health/"
"""Probes have no credentials, and learn nothing but whether the server is there."""

_STRANGERS: Final = ("strangers",)
"""What all probes share by that show nothing, or nothing good."""

_OF_KINDS: Final = (f"/{watches.SERVICE_NAME}/", f"/{bulk.SERVICE_NAME}/")
"""They are asked about the kinds that they watch or write, as those kinds' own methods are."""


class Access:
    """Who may come in at all. Whatever is not known is refused."""

    def __init__(
        self,
        authenticator: Authenticator,
        *,
        authorizer: Authorizer | None = None,
        settled: Callable[[], Awaitable[None] | None] | None = None,
        entering: Entering | None = None,
    ) -> None:
        """``authorizer`` is asked for methods that are no kind's; without it all are allowed.

        ``settled`` returns ``None`` when what is known of rights is as new as what streams
        have to send, and else what to wait for. ``entering`` is told what no stage of a call sees.
        """
        self._authenticator = authenticator
        self._proven_by = authenticator.proven_by
        self._asks_certificates = authenticator.asks_certificates
        self._revokes = authenticator.revokes
        self._authorizer = authorizer
        self._settled = settled
        self._entering = entering

    def arrived(self, metadata: Any) -> Arrival:
        """Note what a call shows, for the task that answers it: the present one.

        gRPC has decoded the metadata by then; a handler would have to ask for them again.
        """
        arrival = Arrival()
        shown = None
        for key, value in metadata or ():
            if key == bearer.KEY and shown is None:
                shown = value if isinstance(value, str) else ""
            elif key.startswith(impersonation.PREFIX):
                arrival.other = [*(arrival.other or ()), (key, value)]
        known = self._proven_by(shown) if shown else None
        # A certificate is only known to the handler.
        if known is None and not self._asks_certificates:
            try:
                known = self._authenticator.at_once(shown)
            except errors.Unauthenticated:
                arrival.is_strange = True
            except errors.ApiError:
                pass  # It is told when the call is answered.
        if shown is not None:
            arrival.credential, arrival.identity = shown, known
            # Not by a credential that proves nobody: any number of those can be made up.
            owner = known
            if self._asks_certificates:
                # Nobody has looked whose it is.
                owner = self._authenticator.owner(shown)
            arrival.flow = owner.flow if owner is not None else None
        # Also when it shows nothing: no call may have what another one has shown.
        callers.arrive(arrival)
        return arrival

    def stranger(self, arrival: Arrival, method: str) -> Enter | None:
        """Return what refuses the caller of a method who is not known for certain.

        ``None`` for all others. Nothing of what such a caller sends has to be read. Those whom
        nobody asks share as one caller from then on, however many connections they make.
        """
        if not arrival.is_strange:
            return None
        if method.startswith(_HEALTH):
            arrival.flow = _STRANGERS
            return None
        return self._told(method, self._enter)

    def is_unproven(self, arrival: Arrival, method: str) -> bool:
        """Tell whether a call shows a token that has to be verified first.

        It claims to come from an issuer that is believed, and anybody can claim that.
        """
        if arrival.identity is not None or method.startswith(_HEALTH):
            return False
        return self._authenticator.must_verify(arrival.credential)

    def of_kinds(self, method: str) -> Enter:
        """Return what lets callers in to a method of a kind, whose stages ask for their rights."""
        return self._told(method, self._enter)

    def of_method(self, method: str) -> Enter | None:
        """Return what lets callers in to a method that is no kind's; ``None`` lets in everybody."""
        if method.startswith(_HEALTH):
            return None
        if method.startswith(_OF_KINDS):
            return self._told(method, self._enter)
        enter: Enter = self._enter
        if self._authorizer is not None:
            enter = partial(self._enter_by_name, self._authorizer, method)
        return self._told(method, enter, alone=True)

    @property
    def everything(self) -> Everything | None:
        """What is asked of a stream over all kinds."""
        return self._require_everything if self._authorizer is not None else None

    def _require_everything(
        self, user: User, verb: str, namespace: str, standing: Standing | None
    ) -> None:
        """See ``Authorizer.require_everything``."""
        assert self._authorizer is not None  # noqa: S101  # see everything
        try:
            self._authorizer.require_everything(user, verb, namespace, standing)
        except errors.Forbidden as error:
            if self._entering is not None:
                path, behind = f"/{watches.SERVICE_NAME}/Watch", callers.behind()
                self._entering.refused(path, user, callers.NOWHERE, error, behind=behind)
            raise

    def _told(self, method: str, enter: Enter, *, alone: bool = False) -> Enter:
        """Return ``enter``, and tell who is refused by it; of what stands ``alone`` who is not."""
        entering = self._entering
        if entering is None:
            return enter

        return telling.told(entering, method, enter, alone=alone)

    @property
    def own_rights(self) -> OwnRights | None:
        """What tells callers of their own rights; ``None`` where everybody has all."""
        return OwnRights(self._authorizer) if self._authorizer is not None else None

    def settled(self) -> Awaitable[None] | None:
        """Return what a stream has to wait for before it sends, ``None`` for nothing."""
        return self._settled() if self._settled is not None else None

    def _enter(self, context: Context, standing: Standing | None = None) -> Awaitable[None] | None:
        arrival = callers.present()
        known = arrival.identity
        # A caller may send its request as late as it likes after what it shows.
        if (
            known is not None
            and (self._revokes or not known.is_valid())
            and self._still(known) is not None
        ):
            known = arrival.identity = None
        identity = known or self._identity(arrival, context)
        if not isinstance(identity, Identity):
            return self._wait(arrival, identity, standing)
        if standing is not None or arrival.other is not None:
            self._let_in(arrival, identity, standing)
            return None
        # What _let_in does, for nearly all calls.
        arrival.user = identity.user
        if identity.flow is not arrival.flow:
            flows.enter(identity.flow)
        return None

    async def _wait(
        self, arrival: Arrival, proving: Awaitable[Identity], standing: Standing | None
    ) -> None:
        self._let_in(arrival, await proving, standing)

    def _let_in(self, arrival: Arrival, identity: Identity, standing: Standing | None) -> None:
        if standing is not None:
            standing.rest_on(partial(self._still, identity))
        user = identity.user
        callers.enter(arrival, user, standing)
        if arrival.other is not None:
            found = self._as_another(user, arrival.other, standing)
            callers.enter(arrival, found, standing, behind=user)

    def _as_another(
        self, user: User, entries: impersonation.Entries, standing: Standing | None
    ) -> User:
        """Return whom a user wants to be. Raises ``errors.Forbidden`` when it may not."""
        wanted, authorizer = impersonation.read(entries), self._authorizer
        if authorizer is not None:
            for asked in wanted.rights():
                authorizer.require(user, asked, standing)
        return wanted.user

    async def _enter_by_name(
        self,
        authorizer: Authorizer,
        method: str,
        context: Context,
        standing: Standing | None = None,
    ) -> None:
        waiting = self._enter(context, standing)
        if waiting is not None:
            await waiting
        authorizer.require(callers.user(), Attributes("call", path=method), standing)

    def _identity(self, arrival: Arrival, context: Context) -> Identity | Awaitable[Identity]:
        certificate = None
        if self._asks_certificates:
            shown = context.auth_context().get("x509_pem_cert")
            certificate = next(iter(shown), None) if shown else None
        return self._authenticator.identity(arrival.credential, certificate)

    def _still(self, identity: Identity) -> errors.ApiError | None:
        try:
            holds = self._authenticator.holds(identity)
        except errors.Unavailable as error:
            return error
        return None if holds else identity.refusal(time.time())

"""Whether a user may do something, asked of rights that are followed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.authorization import rules, texts
from protocube_server.authorization.answered import Answered
from protocube_server.authorization.attributes import Attributes
from protocube_server.authorization.rights import not_found
from protocube_server.calls.user import MASTERS, UNAUTHENTICATED

if TYPE_CHECKING:
    from protocube_server.authorization.rights import Decision, Rights
    from protocube_server.authorization.rules import Rule
    from protocube_server.calls.standing import Standing
    from protocube_server.calls.user import User


class Authorizer:
    """Asks the rights; those of the group ``system:masters`` may do everything."""

    def __init__(self, rights: Rights) -> None:
        self.rights = rights
        self._is_current = False
        self._answered = Answered(rights)
        self.has_allowed = self._answered.has
        """Tells whether a user was allowed the same before and still is: most calls need no more.

        It takes the user, ``Attributes.question`` and the namespace.
        """

    @property
    def is_current(self) -> bool:
        """Whether the rights are those of the store, or were a moment ago."""
        return self._is_current

    @is_current.setter
    def is_current(self, value: bool) -> None:
        self._is_current = value
        if not value:
            self._answered.clear()

    def decide(self, user: User, asked: Attributes) -> Decision:
        """Decide whether a user who is not one of the masters may do what is asked for.

        Raises ``errors.Unavailable`` while the rights are not known.
        """
        if not self.is_current:
            raise _unknown()
        return self.rights.decide(user, asked)

    def _may(self, user: User, asked: Attributes) -> Decision | None:
        """Decide, and return nothing where the same was allowed before.

        Raises as :meth:`decide`.
        """
        if not asked.path and self.has_allowed(user, asked.question, asked.namespace):
            return None
        decision = self.decide(user, asked)
        self._answered.keep(user, asked, decision)
        return decision

    def rules_of(self, user: User, namespace: str) -> tuple[list[Rule], list[str]]:
        """Return all rules of a user in a namespace, and which of its roles are missing.

        Raises as :meth:`decide`.
        """
        if not self.is_current:
            raise _unknown()
        found, missing = self.rights.rules_of(user, namespace)
        if MASTERS in user.groups and not set(rules.EVERYTHING) <= set(found):
            found = [*rules.EVERYTHING, *found]
        return found, [not_found(role) for role in missing]

    def allows(self, user: User, asked: Attributes) -> bool:
        """Tell whether a user may do what is asked for. Raises as :meth:`decide`."""
        return MASTERS in user.groups or self.decide(user, asked).allowed

    def reason(self, user: User, asked: Attributes) -> str:
        """Return why a user may do what is asked for, or may not; empty when that is not known."""
        if MASTERS in user.groups or not self.is_current:
            return ""
        return self.rights.decide(user, asked).reason

    def fault(self, user: User, asked: Attributes) -> errors.ApiError | None:
        """Return why a user may not do what is asked for, ``None`` when it may."""
        if MASTERS in user.groups:
            return None
        try:
            decision = self._may(user, asked)
        except errors.Unavailable as error:
            return error
        if decision is None or decision.allowed:
            return None
        # Which roles there are is none of a stranger's business.
        reason = "" if UNAUTHENTICATED in user.groups else decision.reason
        return texts.forbidden(user, asked, reason)

    def require(self, user: User, asked: Attributes, standing: Standing | None = None) -> None:
        """Refuse a user who may not do what is asked for; the stream of ``standing`` rests on it.

        Raises ``errors.Forbidden``, and ``errors.Unavailable`` while the rights are not known.
        """
        refusal = self.fault(user, asked)
        if refusal is not None:
            raise refusal
        if standing is not None and MASTERS not in user.groups:
            same = (user.name, user.groups, asked)
            standing.rest_on(partial(self.fault, user, asked), same=same)

    def require_everything(
        self, user: User, verb: str, namespace: str, standing: Standing | None
    ) -> None:
        """Refuse a user who may not do this to all kinds, those to come included.

        Otherwise as :meth:`require`.
        """
        self.require(user, Attributes(verb, rules.ALL, rules.ALL, namespace=namespace), standing)


def _unknown() -> errors.Unavailable:
    return errors.Unavailable("the rights of callers are not known; try again", retry_after=1)

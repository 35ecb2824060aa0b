"""Reviews of access: what a user may do, asked by the user or by somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server import turns
from protocube_server.authorization import rules
from protocube_server.authorization.attributes import Attributes
from protocube_server.calls.user import MASTERS, UNAUTHENTICATED, User

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from protocube_server.authorization.authorizer import Authorizer
    from protocube_server.authorization.rules import Rule
    from protocube_server.calls.call import Call
    from protocube_server.calls.review import Review

_MOST_RULES: Final = 10_000
"""In one answer."""
_MOST_CHARACTERS: Final = 2_000_000
"""Of all those rules: the answer is one message."""
_MOST_MISSING: Final = 20
"""Roles that are missing, and are named."""
_TURN: Final = 50
"""Rules that are written between two marks."""


class AccessReviews:
    """Answers them from the rights of users, or where nobody is asked for any, that all may all."""

    def __init__(self, authorizer: Authorizer | None) -> None:
        self._authorizer = authorizer

    @property
    def by_name(self) -> Mapping[str, Review]:
        """The reviews by the names that the options of their kinds have."""
        return {
            "self_subject_access": self._self_access,
            "self_subject_rules": self._rules,
            "subject_access": self._access,
        }

    async def _self_access(self, call: Call, review: Any) -> None:
        self._decide(call, review, call.user)

    async def _access(self, call: Call, review: Any) -> None:
        spec = review.spec
        self._decide(call, review, User(name=spec.user, groups=tuple(spec.groups), uid=spec.uid))

    def _decide(self, call: Call, review: Any, user: User) -> None:
        """Say whether a user may do what is asked about. Raises ``errors.Unavailable``."""
        status = review.status
        if self._authorizer is None or MASTERS in user.groups:
            status.allowed = True
            return
        decision = self._authorizer.decide(user, attributes(review.spec))
        status.allowed = decision.allowed
        # Which roles there are is none of a stranger's business.
        if UNAUTHENTICATED not in call.user.groups:
            status.reason = decision.reason

    async def _rules(self, call: Call, review: Any) -> None:
        """Say all that the caller may do in a namespace.

        Raises ``errors.BadRequest`` without one, and ``errors.Unavailable``.
        """
        namespace = review.spec.namespace
        if not namespace:
            raise errors.BadRequest("no namespace on request")
        found: Sequence[Rule] = rules.EVERYTHING
        missing: list[str] = []
        if self._authorizer is not None:
            found, missing = self._authorizer.rules_of(call.user, namespace)
        status = review.status
        count = sum(await turns.taken(_write(status, found[:_MOST_RULES])))
        if count < len(found):
            missing = [f"there are {len(found)} rules, and the first {count} are here"]
        if missing:
            status.incomplete = True
            if UNAUTHENTICATED not in call.user.groups:
                status.evaluation_error = ", ".join(missing[:_MOST_MISSING])


def attributes(asked: Any) -> Attributes:
    """Return what a message asks about that has attributes of either kind."""
    if asked.HasField("non_resource_attributes"):
        found = asked.non_resource_attributes
        return Attributes(found.verb, path=found.path or "/")
    return of_resource(asked.resource_attributes)


def of_resource(asked: Any) -> Attributes:
    """Return what ``ResourceAttributes`` ask about."""
    return Attributes(
        asked.verb, asked.group, asked.resource, asked.subresource, asked.namespace, asked.name
    )


def write_rule(message: Any, rule: Rule) -> None:
    """Write what a rule says of resources into a message."""
    message.verbs.extend(rule.verbs)
    message.api_groups.extend(rule.api_groups)
    message.resources.extend(rule.resources)
    message.resource_names.extend(rule.resource_names)


def write_path_rule(message: Any, rule: Rule) -> None:
    """Write what a rule says of paths that are no resources into a message."""
    message.verbs.extend(rule.verbs)
    message.non_resource_urls.extend(rule.non_resource_urls)


def _write(status: Any, found: Sequence[Rule]) -> Iterator[int | None]:
    """Add rules to an answer, as many as it has room for, and yield 1 for each.

    It yields ``None`` where others may have their turn.
    """
    size = 0
    for number, rule in enumerate(found):
        if not number % _TURN:
            yield None
        size += len(str(rule))
        if size > _MOST_CHARACTERS:
            return
        yield 1
        if rule.non_resource_urls:
            write_path_rule(status.non_resource_rules.add(), rule)
        if rule.resources:
            write_rule(status.resource_rules.add(), rule)

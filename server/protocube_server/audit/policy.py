"""Which calls are written down, and how much of each: Kubernetes' audit policy.

Meaning and words are those of ``k8s.io/apiserver`` (``audit/policy/checker.go``): the first rule
that fits decides, and a call that none fits is not written down.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from protocube_server.calls.user import User
    from protocube_server.calls.verb import Target


_ANY: Final = "*"


class Level(enum.IntEnum):
    """How much of a call is written down; each has what is below it, too."""

    NONE = 0
    METADATA = 1
    """Who, what, when, and what came of it."""
    REQUEST = 2
    """The object of the request."""
    REQUEST_RESPONSE = 3
    """The object of the answer."""


LEVELS: Final = {
    "None": Level.NONE,
    "Metadata": Level.METADATA,
    "Request": Level.REQUEST,
    "RequestResponse": Level.REQUEST_RESPONSE,
}
"""Levels by their names in a policy."""
WORDS: Final = {level: word for word, level in LEVELS.items()}


class Stage(enum.StrEnum):
    """When in a call an event is written."""

    REQUEST_RECEIVED = "RequestReceived"
    RESPONSE_STARTED = "ResponseStarted"
    RESPONSE_COMPLETE = "ResponseComplete"
    PANIC = "Panic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Resources of a group: ``pods``, ``pods/log``, ``pods/*``, ``*/scale`` and ``*``."""

    group: str = ""
    """``*`` is any group."""
    resources: tuple[str, ...] = ()
    """All of the group when empty."""
    names: tuple[str, ...] = ()
    """All objects when empty."""

    def fits(self, group: str, resource: str, subresource: str) -> bool:
        """Tell whether objects of a resource are meant, by whichever names."""
        if self.group not in (group, _ANY):
            return False
        if not self.resources:
            return True
        whole = f"{resource}/{subresource}" if subresource else resource
        return any(
            each in (whole, _ANY)
            or (bool(subresource) and each == f"*/{subresource}")
            or each == f"{resource}/*"
            for each in self.resources
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Fits calls by everything that it names; what it does not name may be anything."""

    level: Level
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    resources: tuple[Resources, ...] = ()
    namespaces: tuple[str, ...] = ()
    """The empty one stands for objects of the whole cluster."""
    paths: tuple[str, ...] = ()
    """Of methods that are no kind's; ``*`` may stand at the end."""
    omit_stages: frozenset[Stage] = frozenset()
    omit_managed_fields: bool = False

    @property
    def depends(self) -> bool:
        """Whether it looks at the user, the namespace or the name."""
        named = any(each.names for each in self.resources)
        return bool(self.users or self.groups or self.namespaces or named)

    def may_fit(self, verb: str, group: str, resource: str, subresource: str) -> bool:
        """Tell whether it fits a verb on a resource, for some user, namespace and name."""
        if self.verbs and verb not in self.verbs:
            return False
        if self.resources:
            return any(each.fits(group, resource, subresource) for each in self.resources)
        return bool(self.namespaces) or not self.paths

    def fits_user(self, user: User | None) -> bool:
        """Tell whether it fits a user; ``None`` is a caller who is not known."""
        if self.users and (user is None or user.name not in self.users):
            return False
        return not self.groups or (user is not None and any(g in self.groups for g in user.groups))

    def fits(
        self,
        user: User | None,
        verb: str,
        group: str,
        resource: str,
        subresource: str,
        target: Target,
    ) -> bool:
        """Tell whether it fits a call for an object."""
        if not self.may_fit(verb, group, resource, subresource) or not self.fits_user(user):
            return False
        if self.namespaces and target.namespace not in self.namespaces:
            return False
        return not self.resources or any(
            each.fits(group, resource, subresource)
            and (not each.names or target.name in each.names)
            for each in self.resources
        )

    def fits_path(self, user: User | None, verb: str, path: str) -> bool:
        """Tell whether it fits a call of a method that is no kind's."""
        if self.resources or self.namespaces or not self.fits_user(user):
            return False
        if self.verbs and verb not in self.verbs:
            return False
        return not self.paths or any(_is_below(each, path) for each in self.paths)


class Candidate:
    """A rule that fits a verb on a resource, and what is left to be asked of a call."""

    def __init__(self, rule: Rule, group: str, resource: str, subresource: str) -> None:
        self.rule = rule
        self.always = not rule.depends
        """Whether nothing is."""
        fitting = [each for each in rule.resources if each.fits(group, resource, subresource)]
        self._names: frozenset[str] | None = None
        if fitting and all(each.names for each in fitting):
            self._names = frozenset(name for each in fitting for name in each.names)

    def fits(self, user: User, target: Target) -> bool:
        """Tell whether it fits a call."""
        if self.always:
            return True
        rule = self.rule
        if not rule.fits_user(user):
            return False
        if rule.namespaces and target.namespace not in rule.namespaces:
            return False
        return self._names is None or target.name in self._names


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules in their order."""

    rules: tuple[Rule, ...]
    refusals: bool = False
    """Whether calls that no rule fits are written down when they are refused for who calls."""
    shows_secrets: bool = False
    """Whether its author wants the data of secrets in the log."""

    def candidates(
        self, verb: str, group: str, resource: str, subresource: str
    ) -> tuple[Candidate, ...]:
        """Return the rules that may fit a verb on a resource, up to the first that always does."""
        found = []
        for rule in self.rules:
            if rule.may_fit(verb, group, resource, subresource):
                found.append(Candidate(rule, group, resource, subresource))
                if not rule.depends:
                    break
        return tuple(found)

    def for_path(self, user: User | None, verb: str, path: str) -> Rule | None:
        """Return the rule of a call of a method that is no kind's; ``None`` when none fits."""
        return next((rule for rule in self.rules if rule.fits_path(user, verb, path)), None)


class Policies:
    """The policy of now. It is asked for at each call, because a file may say another one."""

    def __init__(self, first: Policy, *, may_change: bool = False) -> None:
        self.current = first
        self.may_change = may_change


_OF_THE_CLOCK: Final = ("system:expiry",)
"""Deletes what is kept no longer, which nobody decides."""

DEFAULT: Final = Policy(
    rules=(
        Rule(level=Level.NONE, users=_OF_THE_CLOCK),
        # They tell what others have done and that others are alive, many times a minute.
        Rule(
            level=Level.NONE,
            resources=(
                Resources(group="", resources=("events",)),
                Resources(group="events.k8s.io", resources=("events",)),
                Resources(group="coordination.k8s.io", resources=("leases",)),
            ),
        ),
        # Questions about rights change nothing.
        Rule(
            level=Level.NONE,
            resources=(
                Resources(group="authorization.k8s.io"),
                Resources(group="authentication.k8s.io"),
            ),
        ),
        Rule(level=Level.METADATA, resources=(Resources(group="", resources=("secrets",)),)),
        Rule(
            level=Level.METADATA,
            verbs=("create", "update", "patch", "delete", "deletecollection"),
        ),
    ),
    refusals=True,
)
"""What is written down where no policy is given: writes, reads of secrets, and refusals."""


def _is_below(pattern: str, path: str) -> bool:
    return pattern in ("*", path) or (
        pattern.endswith("*") and path.startswith(pattern.rstrip("*"))
    )

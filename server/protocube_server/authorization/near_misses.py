"""Why something is refused: the bindings of a user that come nearest to allowing it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from protocube_server.authorization import rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube_server.authorization.attributes import Attributes
    from protocube_server.authorization.rights import Rights
    from protocube_server.authorization.roles import Binding
    from protocube_server.authorization.rules import Rule
    from protocube_server.authorization.subjects import Subject
    from protocube_server.calls.user import User

MOST: Final = 5
"""Near misses that are told."""
_TURN: Final = 64
"""Rules that are looked at between two marks."""
_FAR: Final = 100
"""What is so far away explains nothing."""


class Gap(enum.IntEnum):
    """What a binding is short of; the numbers are those of ``protocube.access.v1.Gap``."""

    ROLE = 1
    NAMESPACE = 2
    VERB = 3
    GROUP = 4
    RESOURCE = 5
    SUBRESOURCE = 6
    NAME = 7
    PATH = 8


_DISTANCE: Final = {
    Gap.NAME: 1,
    Gap.NAMESPACE: 2,
    Gap.ROLE: 2,
    Gap.VERB: 4,
    Gap.SUBRESOURCE: 5,
    Gap.GROUP: 20,
    Gap.RESOURCE: 40,
    Gap.PATH: 40,
}
_OTHER_VERB_TOO: Final = _FAR
"""A rule for another verb on another resource has nothing to do with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A binding of a user, the rule of its role that comes nearest, and what is missing."""

    binding: Binding
    subject: Subject
    rule: Rule | None
    """``None`` when the role does not exist."""
    gaps: tuple[Gap, ...]

    @property
    def distance(self) -> int:
        """How far it is from allowing what was asked for."""
        return _distance(self.gaps)


def found(rights: Rights, user: User, asked: Attributes) -> Iterator[NearMiss | None]:
    """Yield the near misses of all bindings of a user, in no order.

    It yields ``None`` where others may have their turn.
    """
    looked_at = 0
    for subject, binding in rights.all_bindings_of(user):
        elsewhere = _elsewhere(binding, asked)
        given = rights.rules_of_role(binding.role)
        if given is None:
            gaps = (Gap.ROLE, *elsewhere)
            yield NearMiss(binding=binding, subject=subject, rule=None, gaps=gaps)
            continue
        nearest: NearMiss | None = None
        for rule in given:
            looked_at += 1
            if not looked_at % _TURN:
                yield None
            gaps = (*_gaps(rule, asked), *elsewhere)
            if nearest is None or _distance(gaps) < nearest.distance:
                nearest = NearMiss(binding=binding, subject=subject, rule=rule, gaps=gaps)
        if nearest is not None and nearest.gaps and nearest.distance < _FAR:
            yield nearest


def nearest(every: Iterable[NearMiss]) -> list[NearMiss]:
    """Return the nearest ones, :data:`MOST` at most."""
    return sorted(every, key=lambda each: (each.distance, each.binding.key))[:MOST]


def _distance(gaps: Iterable[Gap]) -> int:
    distance = sum(_DISTANCE[gap] for gap in gaps)
    is_for_others = not {Gap.RESOURCE, Gap.GROUP, Gap.PATH}.isdisjoint(gaps)
    return distance + _OTHER_VERB_TOO if is_for_others and Gap.VERB in gaps else distance


def _elsewhere(binding: Binding, asked: Attributes) -> tuple[Gap, ...]:
    place = binding.key.namespace
    return (Gap.NAMESPACE,) if place and place != asked.namespace else ()


def _gaps(rule: Rule, asked: Attributes) -> Iterator[Gap]:
    if not rules.has(rule.verbs, asked.verb):
        yield Gap.VERB
    if asked.path:
        if not rules.allows_path(rule, next(iter(rule.verbs), ""), asked.path):
            yield Gap.PATH
        return
    if not rule.resources:
        yield Gap.RESOURCE
        return
    if not rules.has(rule.api_groups, asked.group):
        yield Gap.GROUP
    if not rules.is_for(rule, asked.resource, asked.subresource):
        is_near = any(_plural(each) in (rules.ALL, asked.resource) for each in rule.resources)
        yield Gap.SUBRESOURCE if is_near else Gap.RESOURCE
    if rule.resource_names and asked.name not in rule.resource_names:
        yield Gap.NAME


def _plural(resource: str) -> str:
    return resource.partition("/")[0]

"""Whether some rules allow all that others do: nobody gives away what they do not have.

The way is that of ``k8s.io/component-helpers/auth/rbac/validation``.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from protocube_server.authorization import rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from protocube_server.authorization.rules import Rule


MOST: Final = 10_000
"""Parts that rules may have which are given away by somebody who does not have them whole."""
_TURN: Final = 16
"""Parts that are looked at between two marks."""


class TooMany(ValueError):
    """Rules have too many parts to be compared."""


def missing(has: Sequence[Rule], wanted: Iterable[Rule]) -> list[Rule]:
    """Return the smallest parts of ``wanted`` that no single rule of ``has`` allows.

    Raises :class:`TooMany`.
    """
    return [part for part in in_turns(has, wanted) if part is not None]


def in_turns(has: Sequence[Rule], wanted: Iterable[Rule]) -> Iterator[Rule | None]:
    """Yield what :func:`missing` returns, and ``None`` where others may have their turn."""
    left: list[Rule] = []
    for rule in wanted:
        yield None
        if not any(rules.covers(each, rule) for each in has):
            left.append(rule)
    count = sum(map(_parts, left))
    if count > MOST:
        raise TooMany(f"{count} parts, at most {MOST}")
    parts = dict.fromkeys(part for rule in left for part in broken_down(rule))
    for number, part in enumerate(parts):
        if number % _TURN == 0:
            yield None
        if not any(rules.covers(rule, part) for rule in has):
            yield part


def _parts(rule: Rule) -> int:
    """Return in how many rules :func:`broken_down` breaks a rule."""
    objects = len(rule.api_groups) * len(rule.resources) * max(1, len(rule.resource_names))
    return len(rule.verbs) * (objects + len(rule.non_resource_urls))


def broken_down(rule: Rule) -> Iterator[Rule]:
    """Yield rules of one verb on one resource of one group, or on one path, that make up a rule."""
    for group, resource, verb in itertools.product(rule.api_groups, rule.resources, rule.verbs):
        part = replace(
            rule, verbs=(verb,), api_groups=(group,), resources=(resource,), non_resource_urls=()
        )
        if not rule.resource_names:
            yield part
        for name in rule.resource_names:
            yield replace(part, resource_names=(name,))
    for url, verb in itertools.product(rule.non_resource_urls, rule.verbs):
        yield replace(
            rule,
            verbs=(verb,),
            api_groups=(),
            resources=(),
            resource_names=(),
            non_resource_urls=(url,),
        )


def compacted(found: Iterable[Rule]) -> list[Rule]:
    """Return rules of which those for one resource, or one object of it, are joined to one."""
    joined: dict[object, Rule] = {}
    for rule in found:
        is_simple = len(rule.api_groups) == len(rule.resources) == 1
        if not is_simple or rule.non_resource_urls or len(rule.resource_names) > 1:
            joined[len(joined), rule] = rule
            continue
        place = replace(rule, verbs=())
        known = joined.get(place)
        verbs = rule.verbs if known is None else tuple(dict.fromkeys(known.verbs + rule.verbs))
        joined[place] = replace(rule, verbs=verbs)
    return list(joined.values())

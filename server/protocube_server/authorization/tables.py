"""The rules of one role, found by what is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.authorization import rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocube_server.authorization.attributes import Attributes
    from protocube_server.authorization.rules import Rule


class Table:
    """Rules by resource, as rules write it: each request looks at those few that can fit it."""

    __slots__ = ("_by_resource", "_paths", "rules")

    def __init__(self, found: Iterable[Rule]) -> None:
        self.rules = tuple(found)
        """All of them, in their order."""
        self._by_resource: dict[str, list[Rule]] = {}
        self._paths = [rule for rule in self.rules if rule.non_resource_urls]
        for rule in self.rules:
            for resource in dict.fromkeys(rule.resources):
                self._by_resource.setdefault(resource, []).append(rule)

    def find(self, asked: Attributes) -> Rule | None:
        """Return a rule that allows what is asked for, ``None`` when there is none."""
        if asked.path:
            allows, verb, path = rules.allows_path, asked.verb, asked.path
            return next((rule for rule in self._paths if allows(rule, verb, path)), None)
        resource, part = asked.resource, asked.subresource
        resources: tuple[str, ...] = (resource, rules.ALL)
        if part:
            resources = (f"{resource}/{part}", f"{rules.ALL}/{part}", rules.ALL)
        for written in resources:
            for rule in self._by_resource.get(written, ()):
                if _fits(rule, asked):
                    return rule
        return None


def _fits(rule: Rule, asked: Attributes) -> bool:
    """Tell whether a rule for the resource allows the verb, the group and the name."""
    if not rules.has(rule.verbs, asked.verb) or not rules.has(rule.api_groups, asked.group):
        return False
    return not rule.resource_names or asked.name in rule.resource_names

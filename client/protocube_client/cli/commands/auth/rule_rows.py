"""The table of ``auth can-i --list``. Source: ``k8s.io/kubectl/pkg/util/rbac``."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HEADINGS = ("Resources", "Non-Resource URLs", "Resource Names", "Verbs")


@dataclass(slots=True, kw_only=True)
class _Row:
    """A rule on one resource, or on one object of it, or on one path."""

    group: list[str] = field(default_factory=list)
    resource: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)

    def key(self) -> str:
        """Return what rows are sorted by: the rule as Go prints it."""
        parts = (
            ("Verbs", self.verbs),
            ("APIGroups", self.group),
            ("Resources", self.resource),
            ("ResourceNames", self.names),
            ("NonResourceURLs", self.paths),
        )
        return "".join(f"{name}:{_listed(found)}," for name, found in parts)

    def cells(self) -> tuple[str, ...]:
        """Return what the columns show."""
        shown = ""
        if self.resource:
            plural, slash, part = self.resource[0].partition("/")
            shown = f"{plural}{f'.{self.group[0]}' if self.group[0] else ''}{slash}{part}"
        return (shown, _listed(self.paths), _listed(self.names), _listed(self.verbs))


def rows(status: Any) -> list[tuple[str, ...]]:
    """Return the rows of a ``SubjectRulesReviewStatus``: a row for each resource of a rule.

    The verbs on a resource are put together; those on a path are not, as in kubectl.
    """
    by_resource: dict[tuple[str, str, str | None], _Row] = {}
    found = list(_of_paths(status.non_resource_rules))
    for rule in status.resource_rules:
        names: Sequence[str | None] = list(rule.resource_names) or [None]
        places = itertools.product(rule.api_groups, rule.resources, names)
        for (group, resource, name), verb in itertools.product(places, rule.verbs):
            row = by_resource.setdefault(
                (group, resource, name),
                _Row(group=[group], resource=[resource], names=[] if name is None else [name]),
            )
            if verb not in row.verbs:
                row.verbs.append(verb)
    found += by_resource.values()
    return [row.cells() for row in sorted(found, key=_Row.key)]


def _of_paths(rules: Any) -> Iterator[_Row]:
    for rule in rules:
        for path, verb in itertools.product(rule.non_resource_urls, rule.verbs):
            yield _Row(paths=[path], verbs=[verb])


def _listed(values: Sequence[str]) -> str:
    return f"[{' '.join(values)}]"

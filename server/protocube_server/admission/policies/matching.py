"""Which writes a policy, a binding or a webhook is asked about.

Source: ``k8s.io/apiserver/pkg/admission/plugin/webhook/predicates``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import selectors
from protocube_server.admission.write import DELETE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube.selectors import Selector
    from protocube_server.admission.state import State
    from protocube_server.admission.write import Write
    from protocube_server.kinds.kind import Kind

ANY: Final = "*"
_SCOPES: Final = {"Cluster": False, "Namespaced": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Operations on kinds, and on single objects where names are given."""

    operations: frozenset[str]
    groups: frozenset[str]
    versions: frozenset[str]
    resources: tuple[tuple[str, str], ...]
    """Plurals, each with a subresource."""
    names: frozenset[str]
    is_namespaced: bool | None
    """``None`` for both."""

    def fits(self, kind: Kind, operation: str, subresource: str) -> bool:
        """Tell whether it is for an operation on a part of a kind, whatever its names."""
        resource = kind.resource
        return (
            (self.is_namespaced is None or self.is_namespaced == resource.namespaced)
            and _has(self.operations, operation)
            and _has(self.groups, resource.group)
            and _has(self.versions, resource.version)
            and any(
                plural in (ANY, resource.plural) and part in (ANY, subresource)
                for plural, part in self.resources
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Rules with their exceptions, and selectors."""

    rules: tuple[Rule, ...]
    excluded: tuple[Rule, ...] = ()
    namespaces: Selector | None
    """``None``: one that cannot be read, which selects nothing."""
    objects: Selector | None
    is_equivalent: bool
    """Whether rules for one version of a kind are for all of them."""
    is_for_all: bool = False
    """Whether it is for everything without a rule that says so."""

    @property
    def is_plain(self) -> bool:
        """Whether neither names nor labels make a difference."""
        has_selectors = self.namespaces is None or self.objects is None
        return not (
            has_selectors
            or self.namespaces
            or self.objects
            or self.excluded
            or any(rule.names for rule in self.rules)
        )

    def kind_for(self, kind: Kind, versions: Iterable[Kind], write: Write) -> Kind | None:
        """Return the version of a kind that it sees a write in, ``None`` for none.

        ``versions`` are all that the kind has. Names and selectors are not looked at.
        """
        if self.is_for_all:
            return kind
        for each in (kind, *(versions if self.is_equivalent else ())):
            if any(rule.fits(each, write.operation, write.subresource) for rule in self.rules):
                return each
        return None

    def has(self, kind: Kind, write: Write) -> bool:
        """Tell whether a write of an object is meant, by its name, seen as ``kind``."""
        operation, part = write.operation, write.subresource
        if any(
            (not rule.names or write.name in rule.names) and rule.fits(kind, operation, part)
            for rule in self.excluded
        ):
            return False
        return self.is_for_all or any(
            (not rule.names or write.name in rule.names) and rule.fits(kind, operation, part)
            for rule in self.rules
        )

    def selects(self, write: Write, labels: Any) -> bool:
        """Tell whether the object, or its namespace with these labels, is selected.

        ``labels`` is ``None`` for an object without a namespace.
        """
        if self.objects is None or self.namespaces is None:
            return False
        if labels is not None and self.namespaces and not self.namespaces.matches(labels):
            return False
        if not self.objects:
            return True
        return any(
            self.objects.matches(each.metadata.labels)
            for each in (write.old, write.new)
            if each is not None
        )


def of_message(message: Any) -> Match:
    """Return what a ``MatchResources`` means; without rules it is for everything."""
    return Match(
        rules=tuple(map(rule_of, message.resource_rules)),
        excluded=tuple(map(rule_of, message.exclude_resource_rules)),
        namespaces=selectors.of_label_selector(message.namespace_selector),
        objects=selectors.of_label_selector(message.object_selector),
        is_equivalent=message.match_policy != "Exact",
        is_for_all=not message.resource_rules,
    )


def rule_of(message: Any) -> Rule:
    """Return what a rule of a policy or a webhook means."""
    names = getattr(message, "resource_names", ())
    return Rule(
        operations=frozenset(message.operations),
        groups=frozenset(message.api_groups),
        versions=frozenset(message.api_versions),
        resources=tuple(map(_parts, message.resources)),
        names=frozenset(names),
        is_namespaced=_SCOPES.get(message.scope),
    )


async def namespace_of(state: State, write: Write) -> Any | None:
    """Return the namespace that a written object lies in; ``None`` where it lies in none."""
    if not write.kind.resource.namespaced:
        return None
    namespaces = write.call.edition.kinds.namespaces
    return await state.namespace(namespaces, write.namespace)


def labels_for(write: Write, namespace: Any | None) -> Any | None:
    """Return the labels that a namespace selector is held against.

    A namespace has its own: those that it is to have, but for a deletion.
    """
    if namespace is not None:
        return namespace.metadata.labels
    if write.kind.is_namespace:
        found = write.old if write.operation == DELETE else write.new
        return found.metadata.labels
    return None


def kinds_named(match: Match, kinds: Iterable[Kind]) -> Iterator[tuple[Kind, str]]:
    """Yield the kinds that rules name, with the subresource; not those that a ``*`` stands for."""
    for rule in match.rules:
        for kind in kinds:
            resource = kind.resource
            if resource.group in rule.groups and resource.version in rule.versions:
                for plural, part in rule.resources:
                    if plural == resource.plural:
                        yield kind, part


def names_all(match: Match, kinds: Iterable[Kind]) -> bool:
    """Tell whether every kind that the rules are for is there, and named by itself."""
    known = {(kind.resource.group, kind.resource.version, kind.resource.plural) for kind in kinds}
    return bool(match.rules) and all(
        (group, version, plural) in known
        for rule in match.rules
        for group in rule.groups
        for version in rule.versions
        for plural, _ in rule.resources
    )


def _parts(text: str) -> tuple[str, str]:
    plural, _, part = text.partition("/")
    return plural, part


def _has(values: frozenset[str], value: str) -> bool:
    return ANY in values or value in values

"""Roles and bindings, as far as rights depend on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protocube.quoting import quote
from protocube.selectors import of_label_selector
from protocube_server.authorization import rules, subjects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube.selectors import Selector
    from protocube_server.authorization.rules import Rule
    from protocube_server.authorization.subjects import Subject

GROUP: Final = "rbac.authorization.k8s.io"


class Key(NamedTuple):
    """A role or a binding; of one without a namespace that is empty."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a Role or a ClusterRole allows."""

    rules: tuple[Rule, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    selectors: tuple[Selector, ...] | None = None
    """Of a role that takes its rules from others: which ones they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Gives a role to subjects, in a namespace or everywhere."""

    key: Key
    role: Key
    """With the namespace of a Role; a ClusterRole has none."""
    subjects: frozenset[Subject]

    def described(self, subject: Subject) -> str:
        """Return why the binding allows something, for reasons of decisions."""
        kind, name = "ClusterRoleBinding", self.key.name
        if self.key.namespace:
            kind, name = "RoleBinding", f"{name}/{self.key.namespace}"
        role = "Role" if self.role.namespace else "ClusterRole"
        return (
            f"{kind} {quote(name)} of {role} {quote(self.role.name)} "
            f"to {subjects.described(subject)}"
        )


def role_of(message: Any) -> Role:
    """Return what a Role or a ClusterRole says."""
    found = tuple(rules.of_message(each) for each in message.rules)
    labels = dict(message.metadata.labels)
    if "aggregation_rule" not in message.DESCRIPTOR.fields_by_name:
        return Role(rules=found, labels=labels)
    if not message.HasField("aggregation_rule"):
        return Role(rules=found, labels=labels)
    chosen = map(of_label_selector, message.aggregation_rule.cluster_role_selectors)
    selectors = tuple(each for each in chosen if each is not None)
    return Role(rules=found, labels=labels, selectors=selectors)


def binding_of(message: Any) -> Binding:
    """Return what a RoleBinding or a ClusterRoleBinding says."""
    namespace, name = message.metadata.namespace, message.metadata.name
    found = (subjects.of_message(each, namespace) for each in message.subjects)
    return Binding(
        key=Key(namespace, name),
        role=role_named(message),
        subjects=frozenset(each for each in found if each is not None),
    )


def role_named(message: Any) -> Key:
    """Return the role that a binding names."""
    reference = message.role_ref
    home = message.metadata.namespace if reference.kind == "Role" else ""
    return Key(home, reference.name)

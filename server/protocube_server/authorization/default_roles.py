"""The roles and bindings that every server with roles has, as far as Kubernetes' make sense here.

They are those of ``plugin/pkg/auth/authorizer/rbac/bootstrappolicy``: ``view``, ``edit`` and
``admin`` take their rules from roles with a label, so that roles of users add to them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from protocube.selectors import Requirement, Selector
from protocube_server.authorization import aggregation, rules
from protocube_server.authorization.roles import GROUP, Role
from protocube_server.authorization.rules import Rule
from protocube_server.authorization.subjects import Subject
from protocube_server.calls import service_accounts
from protocube_server.calls.user import AUTHENTICATED, MASTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

LABELS: Final = {"kubernetes.io/bootstrapping": "rbac-defaults"}
AUTOUPDATE: Final = "rbac.authorization.kubernetes.io/autoupdate"
"""The annotation by which an operator keeps what a start finds: ``false``."""

_READ: Final = ("get", "list", "watch")
_WRITE: Final = ("create", "delete", "deletecollection", "patch", "update")
_APPS: Final = (
    "daemonsets,deployments,deployments/scale,replicasets,replicasets/scale,statefulsets,"
    "statefulsets/scale"
)
_APPS_STATUS: Final = "daemonsets/status,deployments/status,replicasets/status,statefulsets/status"
_CONTENT: Final = (
    "configmaps,endpoints,events,persistentvolumeclaims,replicationcontrollers,"
    "replicationcontrollers/scale,serviceaccounts,services"
)
_CONTENT_STATUS: Final = (
    "persistentvolumeclaims/status,pods/log,pods/status,replicationcontrollers/status,"
    "services/status,namespaces/status,resourcequotas/status"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultRole:
    """A cluster role."""

    name: str
    rules: tuple[Rule, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    collects: str = ""
    """The label, with the value ``true``, of the roles that it takes its rules from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultBinding:
    """A cluster role binding. It has the name of its role."""

    role: str
    subjects: tuple[Subject, ...]


def _on(group: str, resources: str, verbs: tuple[str, ...]) -> Rule:
    return Rule(verbs=verbs, api_groups=(group,), resources=tuple(resources.split(",")))


def _label(name: str) -> str:
    return f"{GROUP}/aggregate-to-{name}"


def _collected(name: str, *found: Rule) -> DefaultRole:
    labels = {_label(name): "true"}
    return DefaultRole(name=f"system:aggregate-to-{name}", rules=found, labels=labels)


def _collecting(name: str, into: str = "") -> DefaultRole:
    labels = {_label(into): "true"} if into else {}
    return DefaultRole(name=name, labels=labels, collects=_label(name))


_VIEW: Final = (
    _on("", f"{_CONTENT},pods,{_CONTENT_STATUS},bindings,limitranges,resourcequotas", _READ),
    _on("", "namespaces", _READ),
    _on("apps", f"controllerrevisions,{_APPS},{_APPS_STATUS}", _READ),
    _on("autoscaling", "horizontalpodautoscalers,horizontalpodautoscalers/status", _READ),
    _on("batch", "cronjobs,cronjobs/status,jobs,jobs/status", _READ),
    _on("discovery.k8s.io", "endpointslices", _READ),
    _on("networking.k8s.io", "ingresses,ingresses/status,networkpolicies", _READ),
    _on("policy", "poddisruptionbudgets,poddisruptionbudgets/status", _READ),
)
_EDIT: Final = (
    _on("", "secrets", _READ),
    _on("", "serviceaccounts", ("impersonate",)),
    _on("", f"{_CONTENT},pods,secrets", _WRITE),
    _on("", "pods/eviction,serviceaccounts/token", ("create",)),
    _on("apps", _APPS, _WRITE),
    _on("autoscaling", "horizontalpodautoscalers", _WRITE),
    _on("batch", "cronjobs,jobs", _WRITE),
    _on("networking.k8s.io", "ingresses,networkpolicies", _WRITE),
    _on("policy", "poddisruptionbudgets", _WRITE),
    _on("coordination.k8s.io", "leases", _READ + _WRITE),
)
_ADMIN: Final = (
    _on("authorization.k8s.io", "localsubjectaccessreviews", ("create",)),
    _on(GROUP, "rolebindings,roles", _READ + _WRITE),
)

_ISSUER_DISCOVERY: Final = "system:service-account-issuer-discovery"

ROLES: Final = (
    DefaultRole(name="cluster-admin", rules=rules.EVERYTHING),
    DefaultRole(
        name="system:discovery",
        rules=(
            Rule(
                verbs=("call",),
                non_resource_urls=(
                    "/grpc.reflection.v1.ServerReflection/*",
                    "/grpc.reflection.v1alpha.ServerReflection/*",
                    "/protocube.discovery.v1.Discovery/*",
                ),
            ),
        ),
    ),
    DefaultRole(
        name=_ISSUER_DISCOVERY,
        rules=(Rule(verbs=("call",), non_resource_urls=("/protocube.openid.v1.Issuer/*",)),),
    ),
    DefaultRole(
        name="system:basic-user",
        rules=(
            _on(
                "authorization.k8s.io",
                "selfsubjectaccessreviews,selfsubjectrulesreviews",
                ("create",),
            ),
            _on("authentication.k8s.io", "selfsubjectreviews", ("create",)),
            Rule(verbs=("call",), non_resource_urls=("/protocube.access.v1.Access/*",)),
        ),
    ),
    DefaultRole(
        name="system:auth-delegator",
        rules=(
            _on("authentication.k8s.io", "tokenreviews", ("create",)),
            _on("authorization.k8s.io", "subjectaccessreviews", ("create",)),
        ),
    ),
    _collected("view", *_VIEW),
    _collected("edit", *_EDIT),
    _collected("admin", *_ADMIN),
    _collecting("view", into="edit"),
    _collecting("edit", into="admin"),
    _collecting("admin"),
)

_ALL_KNOWN: Final = (Subject("Group", AUTHENTICATED),)

BINDINGS: Final = (
    DefaultBinding(role="cluster-admin", subjects=(Subject("Group", MASTERS),)),
    DefaultBinding(role="system:discovery", subjects=_ALL_KNOWN),
    DefaultBinding(role="system:basic-user", subjects=_ALL_KNOWN),
    DefaultBinding(role=_ISSUER_DISCOVERY, subjects=(Subject("Group", service_accounts.ALL),)),
)


def rules_of(role: DefaultRole) -> tuple[Rule, ...]:
    """Return the rules of a default role, those that it takes from other default roles included."""
    return aggregation.rules_of(role.name, {each.name: _as_role(each) for each in ROLES})


def _as_role(role: DefaultRole) -> Role:
    if not role.collects:
        return Role(rules=role.rules, labels=role.labels)
    wanted = Requirement(key=role.collects, operator="in", values=frozenset(("true",)))
    return Role(rules=role.rules, labels=role.labels, selectors=(Selector((wanted,)),))

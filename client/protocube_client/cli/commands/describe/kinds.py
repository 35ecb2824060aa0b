"""Which kinds have a page of their own."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.cli.commands.describe.around import Around
    from protocube_client.cli.describing.page import Page


class Describe(Protocol):
    """Writes the page of an object of one kind, but for its events."""

    async def __call__(self, page: Page, item: Any, around: Around, /) -> None:
        """Write what there is to say of ``item``."""
        ...


_PAGES = {
    "ClusterRole.rbac.authorization.k8s.io": "access.role",
    "ClusterRoleBinding.rbac.authorization.k8s.io": "access.role_binding",
    "ConfigMap": "configuration.config_map",
    "CronJob.batch": "workloads.cron_job",
    "DaemonSet.apps": "controllers.daemon_set",
    "Deployment.apps": "workloads.deployment",
    "EndpointSlice.discovery.k8s.io": "routes.endpoint_slice",
    "Ingress.networking.k8s.io": "networking.ingress",
    "IngressClass.networking.k8s.io": "routes.ingress_class",
    "Job.batch": "controllers.job",
    "LimitRange": "limits.limit_range",
    "Namespace": "namespaces.namespace",
    "NetworkPolicy.networking.k8s.io": "networking.network_policy",
    "Node": "nodes.node",
    "PersistentVolumeClaim": "storage.claim",
    "Pod": "pods.pod",
    "PodDisruptionBudget.policy": "limits.disruption_budget",
    "PriorityClass.scheduling.k8s.io": "limits.priority_class",
    "ReplicaSet.apps": "controllers.replica_set",
    "ReplicationController": "controllers.replication_controller",
    "ResourceQuota": "limits.quota",
    "Role.rbac.authorization.k8s.io": "access.role",
    "RoleBinding.rbac.authorization.k8s.io": "access.role_binding",
    "Secret": "configuration.secret",
    "Service": "networking.service",
    "ServiceAccount": "configuration.service_account",
    "StatefulSet.apps": "controllers.stateful_set",
    "StorageClass.storage.k8s.io": "storage.storage_class",
}
_WITHOUT_EVENTS = frozenset(
    {
        "ClusterRole.rbac.authorization.k8s.io",
        "ClusterRoleBinding.rbac.authorization.k8s.io",
        "LimitRange",
        "Namespace",
        "NetworkPolicy.networking.k8s.io",
        "ResourceQuota",
        "Role.rbac.authorization.k8s.io",
        "RoleBinding.rbac.authorization.k8s.io",
        "Secret",
    }
)
"""kubectl shows no events of these."""


def page_of(resource: Resource) -> Describe | None:
    """Return what writes the page of a kind; ``None`` for one without a page of its own."""
    home = _PAGES.get(resource.qualified_kind)
    if home is None:
        return None
    module, _, name = home.partition(".")
    package = "protocube_client.cli.commands.describe.pages"
    found: Describe = getattr(importlib.import_module(f"{package}.{module}"), name)
    return found


def has_events(resource: Resource) -> bool:
    """Tell whether the events about an object are on its page."""
    return resource.qualified_kind not in _WITHOUT_EVENTS

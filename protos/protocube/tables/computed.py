"""The columns that the schema names by function and not by path."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_HOMES = {
    "allow_volume_expansion": "storage.allow_volume_expansion",
    "api_service_available": "extensions.available",
    "api_service_target": "extensions.target",
    "autoscaler_min_pods": "autoscalers.min_pods",
    "autoscaler_reference": "autoscalers.reference",
    "autoscaler_targets": "autoscalers.targets",
    "budget_max_unavailable": "limits.max_unavailable",
    "budget_min_available": "limits.min_available",
    "claim_access_modes": "volumes.claim_access_modes",
    "claim_capacity": "volumes.claim_capacity",
    "claim_status": "volumes.status",
    "claim_volume": "volumes.claim_volume",
    "controller_of": "metadata.controller",
    "created_at": "metadata.created_at",
    "cron_job_active": "jobs.active",
    "cron_job_containers": "jobs.cron_containers",
    "cron_job_images": "jobs.cron_images",
    "cron_job_selector": "jobs.cron_selector",
    "cron_job_suspend": "jobs.suspended",
    "cron_job_time_zone": "jobs.time_zone",
    "csi_driver_token_requests": "storage.token_requests",
    "csi_node_drivers": "counts.drivers",
    "csi_storage_capacity": "storage.capacity",
    "csr_condition": "certificates.condition",
    "csr_requested_duration": "certificates.requested_duration",
    "csr_requestor": "certificates.requestor",
    "daemon_set_node_selector": "workloads.node_selector",
    "data_count": "counts.data",
    "deployment_ready": "workloads.ready",
    "endpoint_slice_endpoints": "services.slice_endpoints",
    "endpoint_slice_ports": "services.slice_ports",
    "endpoints": "services.endpoints",
    "event_count": "events.count",
    "event_first_seen": "events.first_seen",
    "event_last_seen": "events.last_seen",
    "event_message": "events.message",
    "event_object": "events.about",
    "event_reason": "events.reason",
    "event_source": "events.source",
    "event_subobject": "events.part",
    "event_type": "events.kind",
    "flow_schema_dangling": "flow_control.dangling",
    "ingress_address": "networking.address",
    "ingress_class_parameters": "networking.class_parameters",
    "ip_address_parent": "networking.ip_address_parent",
    "ingress_hosts": "networking.hosts",
    "ingress_ports": "networking.ports",
    "job_completions": "jobs.completions",
    "job_duration": "jobs.duration",
    "job_status": "jobs.status",
    "label_selector": "workloads.label_selector",
    "lease_holder": "leases.holder",
    "node_container_runtime": "nodes.container_runtime",
    "node_external_ip": "nodes.external_ip",
    "node_internal_ip": "nodes.internal_ip",
    "node_kernel_version": "nodes.kernel_version",
    "node_os_image": "nodes.os_image",
    "node_roles": "nodes.roles",
    "node_status": "nodes.status",
    "node_version": "nodes.version",
    "pod_readiness_gates": "pods.readiness_gates",
    "pod_ready": "pods.ready",
    "pod_restarts": "pods.restarts",
    "pod_selector": "networking.pod_selector",
    "pod_status": "pods.status",
    "pod_template_containers": "workloads.bare_containers",
    "pod_template_images": "workloads.bare_images",
    "pod_template_labels": "workloads.bare_labels",
    "definition_kind": "definitions.kind",
    "definition_served": "definitions.served",
    "definition_versions": "definitions.versions",
    "policy_binding_param": "extensions.param",
    "policy_param_kind": "extensions.param_kind",
    "priority_level_hand_size": "flow_control.hand_size",
    "priority_level_queue_length_limit": "flow_control.queue_length_limit",
    "priority_level_queues": "flow_control.queues",
    "quota_limits": "limits.quota_limits",
    "quota_requests": "limits.quota_requests",
    "resource_claim_state": "devices.claim_state",
    "resource_slice_node": "devices.slice_node",
    "role_ref": "access.role",
    "secrets_count": "counts.secrets",
    "selector_labels": "workloads.label_map",
    "service_cidrs": "networking.service_cidrs",
    "service_cluster_ip": "services.cluster_ip",
    "service_external_ip": "services.external_ip",
    "service_ports": "services.ports",
    "storage_class_name": "storage.class_name",
    "subject_groups": "access.groups",
    "subject_service_accounts": "access.service_accounts",
    "subject_users": "access.users",
    "template_containers": "workloads.containers",
    "template_images": "workloads.container_images",
    "mutations_count": "counts.mutations",
    "validations_count": "counts.validations",
    "volume_access_modes": "volumes.access_modes",
    "volume_attachment_pv": "storage.attached_volume",
    "volume_attributes_class": "volumes.attributes_class",
    "volume_capacity": "volumes.capacity",
    "volume_claim": "volumes.claim",
    "volume_mode": "volumes.mode",
    "volume_reason": "volumes.reason",
    "volume_status": "volumes.status",
    "volume_storage_class": "volumes.storage_class",
    "webhooks_count": "counts.webhooks",
}
"""The function of each column, in :mod:`protocube.tables.kinds`."""


def names() -> frozenset[str]:
    """Return the columns that are known here."""
    return frozenset(_HOMES)


def cell(column: str) -> Callable[[Any, float], str] | None:
    """Return what makes the cells of ``column``; ``None`` for one that is not known here.

    A cell is a function of an object and the present time (seconds since 1970). A table
    shows one kind, so the functions of the others are not imported.
    """
    home, _, name = _HOMES.get(column, "").partition(".")
    if not home:
        return None
    module = importlib.import_module(f"protocube.tables.kinds.{home}")
    found: Callable[[Any, float], str] = getattr(module, name)
    return found

"""The columns that the schema names by function and not by path.

They read messages by field name, so that a message of any pool will do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_client.printers import ages, labels, pods

if TYPE_CHECKING:
    from collections.abc import Callable

_NONE = "<none>"


def _data_count(item: Any, _now: float) -> str:
    """Count the keys of a ConfigMap or Secret."""
    return str(len(item.data) + len(getattr(item, "binary_data", ())))


def _secrets_count(item: Any, _now: float) -> str:
    return str(len(item.secrets))


def _deployment_ready(item: Any, _now: float) -> str:
    return f"{item.status.ready_replicas}/{item.spec.replicas}"


def _template_containers(item: Any, _now: float) -> str:
    return ",".join(container.name for container in item.spec.template.spec.containers) or _NONE


def _template_images(item: Any, _now: float) -> str:
    return ",".join(container.image for container in item.spec.template.spec.containers) or _NONE


def _label_selector(item: Any, _now: float) -> str:
    return labels.selector(item.spec.selector)


def _event_first_seen(item: Any, now: float) -> str:
    first = item.first_timestamp if item.HasField("first_timestamp") else item.event_time
    return ages.since(first, now)


def _event_last_seen(item: Any, now: float) -> str:
    if item.HasField("series"):
        return ages.since(item.series.last_observed_time, now)
    if item.HasField("last_timestamp"):
        return ages.since(item.last_timestamp, now)
    return _event_first_seen(item, now)


def _event_count(item: Any, _now: float) -> str:
    # An event that stands alone carries no count.
    return str(item.series.count if item.HasField("series") else item.count or 1)


def _event_object(item: Any, _now: float) -> str:
    involved = item.involved_object
    kind = involved.kind.lower()
    return f"{kind}/{involved.name}" if involved.name else kind


def _event_source(item: Any, _now: float) -> str:
    return ", ".join(part for part in (item.source.component, item.source.host) if part)


def _event_message(item: Any, _now: float) -> str:
    return str(item.message.strip())


COLUMNS: dict[str, Callable[[Any, float], str]] = {
    "data_count": _data_count,
    "deployment_ready": _deployment_ready,
    "event_count": _event_count,
    "event_first_seen": _event_first_seen,
    "event_last_seen": _event_last_seen,
    "event_message": _event_message,
    "event_object": _event_object,
    "event_source": _event_source,
    "label_selector": _label_selector,
    "pod_ready": pods.ready,
    "pod_readiness_gates": pods.readiness_gates,
    "pod_restarts": pods.restarts,
    "pod_status": pods.status,
    "secrets_count": _secrets_count,
    "template_containers": _template_containers,
    "template_images": _template_images,
}
"""The computed columns by the name that a schema calls them."""

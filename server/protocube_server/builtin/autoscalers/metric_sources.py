"""Where an autoscaler takes its numbers from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_SOURCES = {
    "object": "Object",
    "pods": "Pods",
    "resource": "Resource",
    "container_resource": "ContainerResource",
    "external": "External",
}


def _metric_source(metric: Any) -> Iterator[Fault]:
    """A metric has the source that its type names, and no other."""
    if metric.type not in _SOURCES.values():
        return
    given = {field.name: field.json_name for field, _ in metric.ListFields()}
    for name, type_name in _SOURCES.items():
        if name in given and metric.type != type_name:
            text = f".{given[name]}: must populate the given metric source only"
            yield Fault(rule="forbidden.source", text=text)
            return


BY_NAME: dict[str, MessageRule] = {"metric_source": _metric_source}

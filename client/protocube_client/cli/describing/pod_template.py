"""A pod template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables import labels
from protocube_client.cli.describing import containers, volumes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocube_client.cli.describing.page import Page


def write(page: Page, item: Any) -> None:
    """Write what pods are made of, by a ``PodTemplateSpec``."""
    spec, margin = item.spec, "  "
    page.line("Pod Template:")
    page.labels(f"{margin}Labels", item.metadata.labels)
    if item.metadata.annotations:
        page.annotations(f"{margin}Annotations", item.metadata.annotations)
    if spec.service_account_name:
        page.field("Service Account", spec.service_account_name, 1)
    if spec.init_containers:
        containers.write(page, "Init Containers", spec.init_containers, margin=margin)
    containers.write(page, "Containers", spec.containers, margin=margin)
    volumes.write(page, spec.volumes, margin=margin)
    spread(page, f"{margin}Topology Spread Constraints", spec.topology_spread_constraints)
    if spec.priority_class_name:
        page.field("Priority Class Name", spec.priority_class_name, 1)
    page.labels(f"{margin}Node-Selectors", spec.node_selector)
    tolerations(page, f"{margin}Tolerations", spec.tolerations)


def tolerations(page: Page, title: str, found: Iterable[Any]) -> None:
    """Write tolerations, sorted, each in a line of its own."""
    ordered = sorted(found, key=lambda toleration: toleration.key)
    page.values(title, [_toleration(toleration) for toleration in ordered])


def _toleration(item: Any) -> str:
    text = str(item.key)
    if item.value:
        text += f"={item.value}"
    if item.effect:
        text += f":{item.effect}"
    if item.operator == "Exists" and not item.value:
        text += " op=Exists" if text else "op=Exists"
    if item.HasField("toleration_seconds"):
        text += f" for {item.toleration_seconds}s"
    return text


def spread(page: Page, title: str, constraints: Iterable[Any]) -> None:
    """Write how pods are spread, if anything is said of it."""
    found = sorted(constraints, key=lambda constraint: constraint.topology_key)
    if found:
        page.values(title, [_constraint(constraint) for constraint in found])


def _constraint(item: Any) -> str:
    text = f"{item.topology_key}:{item.when_unsatisfiable}"
    text += f" when max skew {item.max_skew} is exceeded"
    if item.HasField("label_selector"):
        text += f" for selector {labels.selector(item.label_selector)}"
    return text

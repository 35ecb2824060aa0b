"""The pages of what bounds others: quotas, limit ranges, budgets and priorities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables import labels
from protocube.tables.kinds import missing
from protocube_client.cli.describing.page import number_or_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_client.cli.commands.describe.around import Around
    from protocube_client.cli.describing.page import Page

_LIMITS = ("Type", "Resource", "Min", "Max", "Default Request", "Default Limit")
_RATIO = "Max Limit/Request Ratio"
_SCOPES = {
    "Terminating": "Pods with a deadline: they run for a limited time.",
    "NotTerminating": "Pods without a deadline: they run until they are stopped.",
    "BestEffort": "Pods that ask for no resources and have no limits.",
    "NotBestEffort": "Pods that ask for resources or have limits.",
}


async def quota(page: Page, item: Any, _around: Around) -> None:
    """Write what may be used, and what is."""
    page.field("Name", item.metadata.name)
    page.field("Namespace", item.metadata.namespace)
    _scopes(page, item, margin=" ", level=0)
    page.row(("Resource", "Used", "Hard"))
    page.row(("--------", "----", "----"))
    for row in _amounts(item):
        page.row(row)


def quotas(page: Page, items: list[Any]) -> None:
    """Write the quotas of a namespace."""
    if not items:
        page.line("No resource quota.")
        return
    page.line("Resource Quotas")
    for item in sorted(items, key=lambda each: each.metadata.name):
        page.field("Name", item.metadata.name, 1)
        _scopes(page, item, margin="", level=1)
        page.row(("Resource", "Used", "Hard"), 1)
        page.row(("--------", "---", "---"), 1)
        for row in _amounts(item):
            page.row(row, 1)


async def limit_range(page: Page, item: Any, _around: Around) -> None:
    """Write the limits by type and resource."""
    page.field("Name", item.metadata.name)
    page.field("Namespace", item.metadata.namespace)
    _limits(page, [item], margin="")


def limit_ranges(page: Page, items: list[Any]) -> None:
    """Write the limits of a namespace."""
    if not items:
        page.line("No LimitRange resource.")
        return
    page.line("Resource Limits")
    _limits(page, items, margin=" ")


async def disruption_budget(page: Page, item: Any, _around: Around) -> None:
    """Write what must stay available, and what may go."""
    page.field("Name", item.metadata.name)
    page.field("Namespace", item.metadata.namespace)
    if item.spec.HasField("min_available"):
        page.field("Min available", number_or_text(item.spec.min_available))
    elif item.spec.HasField("max_unavailable"):
        page.field("Max unavailable", number_or_text(item.spec.max_unavailable))
    chosen = (
        labels.selector(item.spec.selector) if item.spec.HasField("selector") else missing.UNSET
    )
    page.field("Selector", chosen)
    page.line("Status:")
    page.field("Allowed disruptions", item.status.disruptions_allowed, 2)
    page.field("Current", item.status.current_healthy, 2)
    page.field("Desired", item.status.desired_healthy, 2)
    page.field("Total", item.status.expected_pods, 2)


async def priority_class(page: Page, item: Any, _around: Around) -> None:
    """Write the number, and for whom it is."""
    page.field("Name", item.metadata.name)
    page.field("Value", item.value)
    page.field("GlobalDefault", str(item.global_default).lower())
    page.field("PreemptionPolicy", item.preemption_policy)
    page.field("Description", item.description)
    page.field("Annotations", labels.text(item.metadata.annotations))


def _scopes(page: Page, item: Any, *, margin: str, level: int) -> None:
    scopes = sorted(item.spec.scopes)
    if not scopes:
        return
    page.field("Scopes", ", ".join(scopes), level)
    for scope in scopes:
        if scope in _SCOPES:
            page.line(f"{margin}* {_SCOPES[scope]}", level)


def _amounts(item: Any) -> Iterator[tuple[str, str, str]]:
    hard, used = item.status.hard, item.status.used
    for name in sorted(hard):
        yield name, used.get(name, "0"), hard[name]


def _limits(page: Page, items: list[Any], *, margin: str) -> None:
    headings = (*_LIMITS, _RATIO)
    page.row((f"{margin}{headings[0]}", *headings[1:]))
    page.row((f"{margin}----", *("-" * len(heading) for heading in headings[1:])))
    for item in items:
        for limit in item.spec.limits:
            parts = (
                *(limit.min, limit.max, limit.default_request, limit.default),
                limit.max_limit_request_ratio,
            )
            for name in sorted({name for part in parts for name in part}):
                amounts = (part.get(name, "-") for part in parts)
                page.row((f"{margin}{limit.type}", name, *amounts))

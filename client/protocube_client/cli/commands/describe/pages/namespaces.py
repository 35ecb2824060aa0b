"""The page of namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_client.cli.commands.describe.pages import limits
from protocube_client.cli.describing.page import moment

if TYPE_CHECKING:
    from protocube_client.cli.commands.describe.around import Around
    from protocube_client.cli.describing.page import Page


async def namespace(page: Page, item: Any, around: Around) -> None:
    """Write its state, and what bounds what is in it."""
    name = item.metadata.name
    page.head(item.metadata, namespace=False)
    page.field("Status", item.status.phase)
    if item.status.conditions:
        page.line("Conditions:")
        page.table(
            ("Type", "Status", "LastTransitionTime", "Reason", "Message"),
            [
                (
                    each.type,
                    each.status,
                    moment(each.last_transition_time),
                    each.reason,
                    each.message,
                )
                for each in item.status.conditions
            ],
        )
    page.line("")
    limits.quotas(page, await around.all_of("resourcequotas", name))
    page.line("")
    limits.limit_ranges(page, await around.all_of("limitranges", name))

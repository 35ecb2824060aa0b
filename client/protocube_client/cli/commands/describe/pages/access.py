"""The pages of roles and their bindings."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from protocube_client.cli.describing.page import bracketed

if TYPE_CHECKING:
    from protocube_client.cli.commands.describe.around import Around
    from protocube_client.cli.describing.page import Page

Rule = tuple[str, str, str, str]
"""Group, resource, name and path that a rule is about; what it is not about is empty."""


async def role(page: Page, item: Any, _around: Around) -> None:
    """Write the rules by what they are about."""
    page.head(item.metadata, namespace=False)
    page.line("PolicyRule:")
    rows = sorted(_verbs(item.rules).items(), key=_order)
    page.table(
        ("Resources", "Non-Resource URLs", "Resource Names", "Verbs"),
        [
            (
                _resource(rule),
                *(bracketed(filter(None, [word])) for word in rule[3:1:-1]),
                bracketed(verbs),
            )
            for rule, verbs in rows
        ],
    )


async def role_binding(page: Page, item: Any, _around: Around) -> None:
    """Write the role and who has it."""
    page.head(item.metadata, namespace=False)
    page.line("Role:")
    page.field("Kind", item.role_ref.kind, 1)
    page.field("Name", item.role_ref.name, 1)
    page.line("Subjects:")
    subjects = [(each.kind, each.name, each.namespace) for each in item.subjects]
    page.table(("Kind", "Name", "Namespace"), subjects)


def _verbs(rules: Any) -> dict[Rule, list[str]]:
    """Return the verbs by what rules are about. Paths are not put together, as in kubectl."""
    found: dict[Rule, list[str]] = {}
    for rule in rules:
        names = rule.resource_names or [""]
        for about in itertools.product(rule.api_groups, rule.resources, names):
            verbs = found.setdefault((*about, ""), [])
            verbs += [verb for verb in rule.verbs if verb not in verbs]
        for path in rule.non_resource_urls:
            found.setdefault(("", "", "", path), []).extend(rule.verbs)
    return found


def _order(row: tuple[Rule, list[str]]) -> tuple[str, ...]:
    """Return what rows are sorted by: kubectl compares the texts of rules, verbs first."""
    (group, resource, name, path), verbs = row
    return tuple(bracketed(part) for part in (verbs, [group], [resource], [name], [path]))


def _resource(rule: Rule) -> str:
    group, resource, _, _ = rule
    name, slash, subresource = resource.partition("/")
    return f"{name}{f'.{group}' if group else ''}{slash}{subresource}"

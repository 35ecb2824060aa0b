"""Roles that take their rules from others, found by their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protocube.selectors import Selector
    from protocube_server.authorization.roles import Role
    from protocube_server.authorization.rules import Rule


def rules_of(name: str, roles: Mapping[str, Role]) -> tuple[Rule, ...]:
    """Return the rules of the cluster role ``name``, those that it takes from others included.

    ``roles`` are all of them by name. A role with selectors has no rules of its own. Those that it
    takes from may take theirs from others; a circle adds nothing.
    """
    found: dict[Rule, None] = {}
    seen, left, names = {name}, [name], sorted(roles)
    while left:
        role = roles[left.pop()]
        if role.selectors is None:
            found |= dict.fromkeys(role.rules)
            continue
        chosen = [
            other
            for other in names
            if other not in seen and is_chosen(roles[other].labels, role.selectors)
        ]
        seen.update(other for other in chosen if roles[other].selectors is not None)
        left += reversed(chosen)
    return tuple(found)


def is_chosen(labels: Mapping[str, str], selectors: Sequence[Selector]) -> bool:
    """Tell whether a role with these labels is one that another takes its rules from."""
    return any(each.matches(labels) for each in selectors)

"""Rules of roles, and what they fit: Kubernetes' ``rbac/v1`` evaluation helpers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


ALL: Final = "*"
_MOST_COMPARED: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Allows verbs on resources, or on paths that are none. ``*`` in a list means all."""

    verbs: tuple[str, ...]
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    """Plurals, plurals with a subresource (``pods/log``), and ``*/status``."""
    resource_names: tuple[str, ...] = ()
    """The objects; all when empty."""
    non_resource_urls: tuple[str, ...] = ()
    """Paths; ``*`` may stand at their end."""

    def __str__(self) -> str:
        """Return the rule in one line, as Kubernetes' refusals show it."""
        parts = (
            ("APIGroups", self.api_groups),
            ("Resources", self.resources),
            ("NonResourceURLs", self.non_resource_urls),
            ("ResourceNames", self.resource_names),
            ("Verbs", self.verbs),
        )
        return "{" + ", ".join(f"{name}:{listed(found)}" for name, found in parts if found) + "}"


EVERYTHING: Final = (
    Rule(verbs=(ALL,), api_groups=(ALL,), resources=(ALL,)),
    Rule(verbs=(ALL,), non_resource_urls=(ALL,)),
)
"""What a cluster administrator may do."""


def of_message(message: Any) -> Rule:
    """Return the rule of a ``PolicyRule``."""
    return Rule(
        verbs=tuple(message.verbs),
        api_groups=tuple(message.api_groups),
        resources=tuple(message.resources),
        resource_names=tuple(message.resource_names),
        non_resource_urls=tuple(message.non_resource_urls),
    )


def allows_path(rule: Rule, verb: str, path: str) -> bool:
    """Tell whether a rule allows the verb on a path that is no resource."""
    return has(rule.verbs, verb) and any(_is_below(url, path) for url in rule.non_resource_urls)


def has(listed: Sequence[str], text: str) -> bool:
    """Tell whether a list of a rule has a text, or all of them."""
    return text in listed or ALL in listed


def may_fit(rule: Rule, verb: str, group: str, resource: str) -> bool:
    """Tell whether a rule allows the verb on some object of a resource, or on a part of one."""
    if not has(rule.verbs, verb) or not has(rule.api_groups, group):
        return False
    return any(
        each in (ALL, resource) or each.startswith((f"{resource}/", f"{ALL}/"))
        for each in rule.resources
    )


def is_for(rule: Rule, resource: str, subresource: str = "") -> bool:
    """Tell whether a rule is for a resource, or for a part of one."""
    if not subresource:
        return has(rule.resources, resource)
    part = f"{ALL}/{subresource}"
    return has(rule.resources, f"{resource}/{subresource}") or part in rule.resources


def covers(rule: Rule, part: Rule) -> bool:
    """Tell whether a rule allows all that ``part`` allows."""
    return (
        _has_all(rule.verbs, part.verbs)
        and _has_all(rule.api_groups, part.api_groups)
        and _has_resources(rule.resources, part.resources)
        and (not rule.resource_names or _names_all(rule.resource_names, part.resource_names))
        and _has_urls(rule.non_resource_urls, part.non_resource_urls)
    )


def listed(texts: Iterable[str]) -> str:
    """Return texts as Go lists them, quoted: ``["get" "list"]``."""
    return f"[{' '.join(quote(text) for text in texts)}]"


def _has_all(has: Sequence[str], wanted: Sequence[str]) -> bool:
    return ALL in has or set(wanted) <= set(has)


def _names_all(has: Sequence[str], wanted: Sequence[str]) -> bool:
    # A rule without names is for all objects, which no rule with names is.
    return bool(wanted) and set(wanted) <= set(has)


def _has_resources(has: Sequence[str], wanted: Sequence[str]) -> bool:
    if ALL in has:
        return True
    known = set(has)
    return all(
        each in known or ("/" in each and f"{ALL}/{each.partition('/')[2]}" in known)
        for each in wanted
    )


def _has_urls(has: Sequence[str], wanted: Sequence[str]) -> bool:
    known, open_ended = set(has), [url for url in has if url.endswith(ALL)]
    left = [each for each in wanted if each not in known]
    # What would take too long to compare counts as not covered, which gives nothing away.
    if len(left) * len(open_ended) > _MOST_COMPARED:
        return False
    return all(any(_is_below(url, each) for url in open_ended) for each in left)


def _is_below(url: str, path: str) -> bool:
    return url == path or (url.endswith(ALL) and path.startswith(url.rstrip(ALL)))

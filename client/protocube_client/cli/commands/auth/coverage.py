"""Which rules of a role allow what other rules allow.

A rule is data as in a manifest. Source: ``k8s.io/component-helpers/auth/rbac/validation``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Rule = dict[str, Any]

_EVERYTHING = "*"
_FIELDS = ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")


def lacking(rules: Sequence[Rule], wanted: Iterable[Rule]) -> list[Rule]:
    """Return what ``wanted`` allows and ``rules`` do not, in rules of one thing each."""
    return [
        single
        for rule in wanted
        for single in _singles(rule)
        if not any(_covers(given, single) for given in rules)
    ]


def _singles(rule: Rule) -> Iterator[Rule]:
    """Yield the rule in parts: one verb on one resource, of one name, or on one URL each."""
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for verb in rule.get("verbs") or ():
                single = {"verbs": [verb], "apiGroups": [group], "resources": [resource]}
                names = rule.get("resourceNames") or ()
                yield from ({**single, "resourceNames": [name]} for name in names)
                if not names:
                    yield single
    for url in rule.get("nonResourceURLs") or ():
        for verb in rule.get("verbs") or ():
            yield {"verbs": [verb], "nonResourceURLs": [url]}


def _covers(rule: Rule, single: Rule) -> bool:
    """Tell whether ``rule`` allows what the rule of one thing allows."""
    given = {field: rule.get(field) or [] for field in _FIELDS}
    if not _has(given["verbs"], single["verbs"][0]):
        return False
    if "nonResourceURLs" in single:
        wanted = single["nonResourceURLs"][0]
        return any(_url_covers(url, wanted) for url in given["nonResourceURLs"])
    names = given["resourceNames"]
    return (
        _has(given["apiGroups"], single["apiGroups"][0])
        and _has_resource(given["resources"], single["resources"][0])
        and (not names or single.get("resourceNames", [None])[0] in names)
    )


def _has(values: Sequence[str], value: str) -> bool:
    return _EVERYTHING in values or value in values


def _has_resource(values: Sequence[str], value: str) -> bool:
    _, slash, subresource = value.partition("/")
    return _has(values, value) or bool(slash and f"*/{subresource}" in values)


def _url_covers(given: str, url: str) -> bool:
    if given in (_EVERYTHING, url):
        return True
    return given.endswith("*") and url.startswith(given.rstrip("*"))

"""What pods ask for: the amounts of resources of their containers, put together.

Source: ``k8s.io/component-helpers/resource``. Containers that run first need their amounts beside
those that stay on, and no more than all that run afterwards.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from protocube.manifests import quantities

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Amounts = dict[str, Fraction]
"""By the names of resources."""


def of(listed: Mapping[str, str]) -> Amounts:
    """Return the amounts of a resource list; what is no quantity counts as nothing."""
    return {name: Fraction(quantities.parse(text) or 0) for name, text in listed.items()}


def requests(spec: Any, *, overhead: bool = True) -> Amounts:
    """Return what a pod requests, with the overhead of its runtime or without."""
    return _together(spec, "requests", overhead=overhead)


def limits(spec: Any, *, overhead: bool = True) -> Amounts:
    """Return the most that a pod may use; of what no container bounds, nothing."""
    return _together(spec, "limits", overhead=overhead)


def _together(spec: Any, what: str, *, overhead: bool) -> Amounts:
    total = _sum(of(getattr(each.resources, what)) for each in spec.containers)
    staying: Amounts = {}
    most: Amounts = {}
    for each in spec.init_containers:
        own = of(getattr(each.resources, what))
        if each.restart_policy == "Always":
            quantities.add(total, own)
            quantities.add(staying, own)
            own = staying
        else:
            own = _sum((own, staying))
        for name, amount in own.items():
            most[name] = max(most.get(name, Fraction()), amount)
    for name, amount in most.items():
        total[name] = max(total.get(name, Fraction()), amount)
    if overhead:
        for name, amount in of(spec.overhead).items():
            if what == "requests" or total.get(name):
                total[name] = total.get(name, Fraction()) + amount
    return total


def _sum(parts: Iterable[Amounts]) -> Amounts:
    found: Amounts = {}
    for part in parts:
        quantities.add(found, part)
    return found

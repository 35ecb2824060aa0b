"""How a pod is treated when its node is short of memory.

Source: ``k8s.io/kubernetes/pkg/apis/core/v1/helper/qos``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.manifests import quantities

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from protocube.steps import Steps

_COUNTED = ("cpu", "memory")


def of_pod(spec: Any) -> Steps[str]:
    """Return ``Guaranteed``, ``Burstable`` or ``BestEffort`` for a pod's ``spec``.

    Yields where others may have their turn.
    """
    # What the pod as a whole is given decides where it is set.
    if spec.resources.requests or spec.resources.limits:
        holders = (spec,)
    else:
        holders = (*spec.containers, *spec.init_containers)
    requests: dict[str, Fraction] = {}
    limits: dict[str, Fraction] = {}
    all_limited = True
    for holder in holders:
        yield None
        if not holder.HasField("resources"):
            all_limited = False
            continue
        quantities.add(requests, _positive(holder.resources.requests))
        limited = _positive(holder.resources.limits)
        quantities.add(limits, limited)
        all_limited = all_limited and len(limited) == len(_COUNTED)
    if not requests and not limits:
        return "BestEffort"
    return "Guaranteed" if all_limited and requests == limits else "Burstable"


def _positive(amounts: Mapping[str, str]) -> dict[str, Fraction]:
    found = {name: quantities.parse(amounts[name]) for name in _COUNTED if name in amounts}
    return {name: amount for name, amount in found.items() if amount and amount > 0}

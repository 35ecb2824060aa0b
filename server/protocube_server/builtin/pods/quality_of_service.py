"""How a pod is treated when its node is short of memory.

Source: ``k8s.io/kubernetes/pkg/apis/core/v1/helper/qos``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from protocube_server.builtin import quantities

if TYPE_CHECKING:
    from collections.abc import Mapping

_COUNTED = ("cpu", "memory")


def of_pod(spec: Any) -> str:
    """Return ``Guaranteed``, ``Burstable`` or ``BestEffort`` for a pod's ``spec``."""
    # What the pod as a whole is given decides where it is set.
    if spec.resources.requests or spec.resources.limits:
        parts = [spec.resources]
    else:
        parts = [container.resources for container in (*spec.containers, *spec.init_containers)]
    requests: dict[str, Fraction] = {}
    limits: dict[str, Fraction] = {}
    all_limited = True
    for part in parts:
        _add(requests, _positive(part.requests))
        limited = _positive(part.limits)
        _add(limits, limited)
        all_limited = all_limited and len(limited) == len(_COUNTED)
    if not requests and not limits:
        return "BestEffort"
    return "Guaranteed" if all_limited and requests == limits else "Burstable"


def _positive(amounts: Mapping[str, str]) -> dict[str, Fraction]:
    found = {name: quantities.parse(amounts[name]) for name in _COUNTED if name in amounts}
    return {name: amount for name, amount in found.items() if amount and amount > 0}


def _add(total: dict[str, Fraction], amounts: dict[str, Fraction]) -> None:
    for name, amount in amounts.items():
        total[name] = total.get(name, Fraction()) + amount

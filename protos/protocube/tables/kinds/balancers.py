"""Where load balancers take requests, for services and ingresses."""

from __future__ import annotations

from typing import Any


def addresses(status: Any) -> str:
    """Return the addresses, or else names, of a load balancer's status in order.

    kubectl's server would cut them to 16 characters but for ``-o wide``, which it is always
    asked for.
    """
    found = {way.ip or way.hostname for way in status.ingress}
    return ",".join(sorted(found - {""}))

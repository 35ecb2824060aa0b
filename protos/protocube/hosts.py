"""How a host stands before a port."""

from __future__ import annotations


def lacks_brackets(host: str) -> bool:
    """Tell whether ``host`` is an IPv6 address without the brackets that say where it ends."""
    return host.count(":") > 1 and not host.startswith("[")

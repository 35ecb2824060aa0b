"""How a host stands before a port."""

from __future__ import annotations


def lacks_brackets(host: str) -> bool:
    """Tell an IPv6 address without its brackets: nobody can say where it ends."""
    return host.count(":") > 1 and not host.startswith("[")

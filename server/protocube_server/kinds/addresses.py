"""Network addresses and ranges as Kubernetes reads them."""

from __future__ import annotations

import ipaddress
from typing import Final

INVALID: Final = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


def address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a text is; ``None`` for no address.

    One with a zone (``fe80::1%eth0``) is none: it means another thing on each machine, and would
    be a second name of the address without it.
    """
    try:
        return ipaddress.ip_address(text) if "%" not in text else None
    except ValueError:
        return None


def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """Return the network that ``ADDRESS/BITS`` is in; ``None`` for none."""
    first, _, bits = text.partition("/")
    if address(first) is None or not (bits.isascii() and bits.isdecimal()):
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None

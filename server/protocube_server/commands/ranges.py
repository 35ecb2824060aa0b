"""Ranges as kube-apiserver's flags take them."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from protocube_server.kinds.named.allocation import Network

_SHORTEST: Final = {4: 12, 6: 108}
"""The least prefix of a range of each version; Kubernetes' limits (20 bits)."""
_LAST_PORT: Final = 65535
_PORT: Final = re.compile(r"[0-9]{1,5}")
_MOST: Final = 2


def networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a flag's text, one of each family at most.

    Raises ``click.BadParameter``.
    """
    found: list[Network] = []
    for part in text.split(","):
        try:
            network = ipaddress.ip_network(part.strip())
        except ValueError as error:
            raise click.BadParameter(f"{part!r} is no range of addresses: {error}") from error
        shortest = _SHORTEST[network.version]
        if network.prefixlen < shortest:
            raise click.BadParameter(f"{part!r} is too large: its prefix must be >= {shortest}")
        found.append(network)
    if len(found) > _MOST or len({network.version for network in found}) < len(found):
        raise click.BadParameter(f"{text!r} has more than one range of a family")
    return tuple(found)


def ports(text: str) -> range:
    """Return the ports of a flag's text ``FIRST-LAST``. Raises ``click.BadParameter``."""
    first, dash, last = text.partition("-")
    if dash and _PORT.fullmatch(first) and _PORT.fullmatch(last):
        found = range(int(first), int(last) + 1)
        if found and found[0] > 0 and found[-1] <= _LAST_PORT:
            return found
    raise click.BadParameter(f"{text!r} is no range of ports such as 30000-32767")

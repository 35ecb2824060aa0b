"""Rules on network addresses, ranges and domains."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from protocube_server import dns_names
from protocube_server.kinds import addresses, violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule


_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_MAX_LABEL, _MAX_DOMAIN = 63, 253


def _within_cidr(found: Found) -> Iterator[errors.Violation]:
    """A gap lies inside its range and is smaller."""
    whole = addresses.network(found.parent.cidr)
    for index, text in enumerate(found.value):
        gap = addresses.network(text)
        if whole is None or gap is None:
            continue  # Their own rules say so.
        inside = whole.version == gap.version and gap.network_address in whole
        if not inside or whole.prefixlen >= gap.prefixlen:
            yield violations.invalid(
                f"{found.path}[{index}]", text, "must be a strict subset of `cidr`"
            )


def _endpoint_addresses(found: Found) -> Iterator[errors.Violation]:
    """Each address is of the slice's type, and one that others can reach."""
    check = {"IPv4": _ipv4, "IPv6": _ipv6, "FQDN": _domain}.get(found.parent.address_type)
    if check is None:
        return
    for index, endpoint in enumerate(found.value):
        for number, address in enumerate(endpoint.addresses):
            path = f"{found.path}[{index}].addresses[{number}]"
            yield from check(path, address)


def _ipv4(path: str, text: str) -> Iterator[errors.Violation]:
    yield from _ip(path, text, 4)


def _ipv6(path: str, text: str) -> Iterator[errors.Violation]:
    yield from _ip(path, text, 6)


def _ip(path: str, text: str, version: int) -> Iterator[errors.Violation]:
    address = addresses.address(text)
    if address is None:
        yield violations.invalid(path, text, f"must be a valid IPv{version} address")
        yield violations.invalid(path, text, addresses.INVALID)
        return
    if address.version != version:
        yield violations.invalid(path, text, f"must be a valid IPv{version} address")
    if address.is_unspecified:
        yield violations.invalid(path, text, f"may not be unspecified ({text})")
    if address.is_loopback:
        detail = "may not be in the loopback range (127.0.0.0/8, ::1/128)"
        yield violations.invalid(path, text, detail)
    if address.is_link_local:
        detail = "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
        yield violations.invalid(path, text, detail)
    if any(address in net for net in _LINK_LOCAL_MULTICAST if net.version == address.version):
        detail = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
        yield violations.invalid(path, text, detail)


_LINK_LOCAL_MULTICAST = (
    ipaddress.ip_network("224.0.0.0/24"),
    ipaddress.ip_network("ff02::/16"),
)


def _domain(path: str, text: str) -> Iterator[errors.Violation]:
    """A domain of at least two labels; a dot may end it."""
    if not text:
        yield violations.required(path)
        return
    name = text.removesuffix(".")
    labels = name.split(".")
    if len(name) > _MAX_DOMAIN or not dns_names.SUBDOMAIN.fullmatch(name):
        yield violations.invalid(path, name, dns_names.SUBDOMAIN_TEXT)
    elif len(labels) == 1:
        detail = "should be a domain with at least two segments separated by dots"
        yield violations.invalid(path, name, detail)
    else:
        for label in labels:
            if not _LABEL.fullmatch(label):
                too_long = "must be no more than 63 characters"
                detail = too_long if len(label) > _MAX_LABEL else dns_names.LABEL_TEXT
                yield violations.invalid(path, label, detail)
                return


BY_NAME: dict[str, ComputedRule] = {
    "endpoint_addresses": _endpoint_addresses,
    "within_cidr": _within_cidr,
}

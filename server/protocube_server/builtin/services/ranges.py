"""Rules on the ranges that Services are given addresses from."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from protocube_server.kinds import addresses, violations
from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.named.change import Change, UpdateRule
    from protocube_server.kinds.named.message_rule import MessageRule

_MOST = 2
_IMMUTABLE = "field is immutable"
_NO_RANGE = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def _cidrs(spec: Any) -> Iterator[Fault]:
    """There are one or two, of different families, each in its canonical form."""
    cidrs = list(spec.cidrs)
    if not cidrs:
        yield Fault(rule="required.cidrs", text=".cidrs: at least one CIDR required")
        return
    if len(cidrs) > _MOST:
        yield Fault(rule="invalid.cidrs.most", text=".cidrs: may only hold up to 2 values")
        return
    for index, text in enumerate(cidrs):
        detail = _fault(text)
        if detail:
            yield Fault(rule="invalid.cidr", text=f".cidrs[{index}]: {detail}")
    families = [":" in text for text in cidrs]
    if len(cidrs) == _MOST and families[0] == families[1] and not any(map(_fault, cidrs)):
        detail = (
            "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and "
            "2001:db8::/64"
        )
        yield Fault(rule="invalid.cidrs.families", text=f".cidrs: {detail}")


def _fault(text: str) -> str:
    """Return what is wrong with a range; empty when nothing is."""
    network = addresses.network(text)
    if network is None:
        return _NO_RANGE
    first = addresses.address(text.partition("/")[0])
    if isinstance(first, ipaddress.IPv6Address) and first.ipv4_mapped:
        return "must not have an IPv4-mapped IPv6 address"
    if first != network.network_address:
        return "must not have bits set beyond the prefix length"
    return "" if str(network) == text else f'must be in canonical form ("{network}")'


def _spec(change: Change) -> Iterator[errors.Violation]:
    """A range of the other family can be added to a single one; nothing else may change."""
    old, new = list(change.old.cidrs), list(change.new.cidrs)
    if len(old) == len(new) or (len(old), len(new)) == (1, _MOST):
        for index, (before, after) in enumerate(zip(old, new, strict=False)):
            if before != after:
                yield violations.invalid(f"spec.cidrs[{index}]", after, _IMMUTABLE)
    else:
        yield violations.invalid("spec.cidrs", new, _IMMUTABLE)


MESSAGE_RULES: dict[str, MessageRule] = {"service_cidrs": _cidrs}
UPDATE_RULES: dict[str, UpdateRule] = {"service_cidrs": _spec}

"""Whether the addresses and ports that objects have are theirs alone, for ``store check``.

The texts are those of Kubernetes' repairing controllers
(``registry/core/service/{ipallocator,portallocator}/controller``).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.named.allocation import Claim, Pool
from protocube_server.kinds.registry import Registry
from protocube_server.storage import keys
from protocube_server.verbs import pools
from protocube_server.verbs.pools import Holder

if TYPE_CHECKING:
    from protocube.catalog import Catalog
    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.named.allocation import Network
    from protocube_server.storage.base import Record


class Allocations:
    """What is seen of them, record by record; damaged ones are told elsewhere."""

    def __init__(self, catalog: Catalog, prefix: str) -> None:
        registry = Registry(catalog, prefix, FUNCTIONS)
        self._prefix = prefix
        self._addresses = registry.for_message(pools.ADDRESSES)
        self._ranges = registry.for_message(pools.RANGES)
        self._kinds = {kind.prefix(): kind for kind in registry if kind.allocation}
        self._networks: list[Network] = []
        self._claims: dict[Claim, list[Holder]] = {}
        self._kept: dict[Claim, Holder] = {}
        self._damaged: list[str] = []

    def see(self, record: Record) -> None:
        """Take note of a record of the store."""
        try:
            self._see(record)
        except errors.Damaged:
            return

    def _see(self, record: Record) -> None:
        match keys.parse(self._prefix, record.key):
            case keys.SystemKey(area=keys.Area.ALLOCATIONS, segments=(pools.NODE_PORTS, number)):
                holder = Holder.of_port(record.value)
                if holder is not None:
                    self._kept[Claim(Pool.NODE_PORTS, number)] = holder
                else:
                    name = keys.relative(self._prefix, record.key)
                    self._damaged.append(f"{name} does not tell whose it is")
            case keys.ObjectKey():
                root = keys.root(self._prefix)
                self._see_object(keys.collection_of(root, record.key) or b"", record)

    def _see_object(self, collection: bytes, record: Record) -> None:
        if self._addresses and collection == self._addresses.prefix():
            message = self._addresses.read(record)
            if message.metadata.labels.get(pools.MANAGED_BY_LABEL) == pools.MANAGED_BY:
                name = message.metadata.name
                claim = Claim(Pool.IPV6 if ":" in name else Pool.IPV4, name)
                self._kept[claim] = Holder.of_address(message)
        elif self._ranges and collection == self._ranges.prefix():
            found = self._ranges.read(record).spec.cidrs
            self._networks += [ipaddress.ip_network(text) for text in found]
        elif kind := self._kinds.get(collection):
            self._see_holder(kind, record)

    def _see_holder(self, kind: Kind, record: Record) -> None:
        if kind.allocation is None:
            return
        message = kind.read(record)
        for claim in kind.allocation.claims(message):
            self._claims.setdefault(claim, []).append(Holder.of(kind, message))

    @property
    def notes(self) -> list[str]:
        """What may be so in a sound store: what earlier releases left, or other ranges had."""
        later = "is not allocated; the next update of its service does that"
        outside = "is not within any configured Service CIDR; please recreate service"
        found = [f"{_named(claim)} {later}" for claim in self._claims if claim not in self._kept]
        for claim, holders in self._claims.items():
            if self._networks and not self._is_within(claim):
                found.append(f"{_named(claim)} {outside} ({_place(holders[0])})")
        return found

    @property
    def faults(self) -> list[str]:
        """What is wrong, when all records were seen."""
        found = [*self._damaged]
        for claim, holders in self._claims.items():
            if len(holders) > 1:
                several = ", ".join(map(_place, holders))
                text = "was assigned to multiple services; please recreate service"
                found.append(f"{_named(claim)} {text} ({several})")
        for claim, holder in self._kept.items():
            holders = self._claims.get(claim, [])
            if not holders and self._is_of_ours(holder):
                found.append(f"{_kept(claim)} for {_place(holder)} appears to have leaked")
            elif holders and holder not in holders:
                found.append(f"{_kept(claim)} for {_place(holders[0])} has a wrong reference")
        return found

    def _is_within(self, claim: Claim) -> bool:
        if claim.pool is Pool.NODE_PORTS:
            return True
        return any(ipaddress.ip_address(claim.value) in network for network in self._networks)

    def _is_of_ours(self, holder: Holder) -> bool:
        resources = [kind.resource for kind in self._kinds.values()]
        return (holder.group, holder.resource) in [(each.group, each.plural) for each in resources]


def _named(claim: Claim) -> str:
    if claim.pool is Pool.NODE_PORTS:
        return f"Port {claim.value}"
    return f"Cluster IP [{claim.pool.value}]: {claim.value}"


def _kept(claim: Claim) -> str:
    what = "the node port" if claim.pool is Pool.NODE_PORTS else "IPAddress:"
    return f"{what} {claim.value}"


def _place(holder: Holder) -> str:
    resource = f"{holder.resource}.{holder.group}" if holder.group else holder.resource
    return f"{resource} {holder.namespace}/{holder.name}"

"""Where it is kept who has an address or a port, and which ones are free.

An address that is in use is an IPAddress object, as in Kubernetes; a port of the nodes is an entry
of the server's own. Either is written and removed in one set with the object that has it, so one
is there exactly when the other is.

Values are chosen at random, from the upper part of a range while there are any: the lower part is
for those that are asked for by name (KEP-3070).
"""

from __future__ import annotations

import ipaddress
import json
import secrets
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from protocube import errors
from protocube_server import turns
from protocube_server.kinds.named.allocation import Pool
from protocube_server.kinds.ownership.entries import Operation, Owner
from protocube_server.storage import keys, paging
from protocube_server.verbs import owners, system_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.named.allocation import Network
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api

ADDRESSES: Final = "protocube.networking.v1.IPAddress"
RANGES: Final = "protocube.networking.v1.ServiceCIDR"
FULL: Final = "range is full"
NODE_PORTS: Final = "node-ports"
"""What the keys of ports begin with in their area."""
_FAMILY_LABEL: Final = "ipaddress.kubernetes.io/ip-family"
MANAGED_BY_LABEL: Final = "ipaddress.kubernetes.io/managed-by"
MANAGED_BY: Final = "ipallocator.k8s.io"
_OUTSIDE: Final = "the provided network does not match the current range"
_PAGE: Final = 500
_GUESSES: Final = 16
_ADDRESS_BAND: Final = (16, 256)
_PORT_BAND: Final = (32, 128)
"""The part of a range that is for those who ask for a value, and the most that there are."""
_LEAST_BAND: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The object that has a value."""

    group: str
    resource: str
    namespace: str
    name: str

    @classmethod
    def of(cls, kind: Kind, message: Any) -> Holder:
        """Return an object of ``kind`` as a holder."""
        metadata = message.metadata
        return cls(
            group=kind.resource.group,
            resource=kind.resource.plural,
            namespace=metadata.namespace,
            name=metadata.name,
        )

    @classmethod
    def of_address(cls, address: Any) -> Holder:
        """Return who has an address, as its IPAddress says."""
        parent = address.spec.parent_ref
        return cls(
            group=parent.group,
            resource=parent.resource,
            namespace=parent.namespace,
            name=parent.name,
        )

    @classmethod
    def of_port(cls, value: bytes) -> Holder | None:
        """Return who has a port, as its entry says; ``None`` when that cannot be read."""
        try:
            found = json.loads(value)
            return cls(**{name: str(found[name]) for name in cls.__slots__})
        except (ValueError, TypeError, KeyError, RecursionError):
            return None


class Values(Protocol):
    """The values of one pool."""

    taken: str
    """Why one that another object has cannot be had."""

    def key(self, value: str) -> bytes:
        """Return under which key it is kept that a value is in use."""
        ...

    def entry(self, value: str, holder: Holder) -> bytes:
        """Return what is kept there."""
        ...

    def holder(self, record: Record) -> Holder | None:
        """Return who has a value; ``None`` when that cannot be read."""
        ...

    async def fault(self, value: str) -> str:
        """Return why a value cannot be given at all; empty when it can."""
        ...

    def guess(self, without: Container[str]) -> str | None:
        """Return a value that may be free, and is none of these; ``None`` for no idea."""
        ...

    async def free(self, without: Container[str]) -> str | None:
        """Return a value that is free, and is none of these; ``None`` when all are in use."""
        ...


def of(api: Api, call: Call, pool: Pool) -> Values | None:
    """Return the values of a pool; ``None`` where the server has no kind to keep them."""
    if pool is Pool.NODE_PORTS:
        return _Ports(api, call.kind)
    kind = call.edition.kinds.for_message(ADDRESSES)
    return _Addresses(api, call, kind, pool) if kind is not None else None


class _Addresses:
    """Addresses of one family."""

    taken = "provided IP is already allocated"

    def __init__(self, api: Api, call: Call, kind: Kind, pool: Pool) -> None:
        self._api = api
        self._call = call
        self._kind = kind
        self._pool = pool
        self._networks = [each for each in api.ranges.networks if self._is_ours(each)]

    def key(self, value: str) -> bytes:
        return self._kind.key("", value)

    def entry(self, value: str, holder: Holder) -> bytes:
        kind = self._kind
        now = self._api.now()
        message = system_fields.of_server(kind, value, now)
        message.metadata.labels[_FAMILY_LABEL] = self._pool.value
        message.metadata.labels[MANAGED_BY_LABEL] = MANAGED_BY
        parent = message.spec.parent_ref
        for name, text in asdict(holder).items():
            setattr(parent, name, text)
        owner = Owner(
            manager=owners.SERVER,
            operation=Operation.UPDATE,
            api_version=kind.resource.api_version,
            subresource="",
        )
        held = kind.owners.records.created(message, owner, int(now.timestamp()))
        return kind.encode(message, keeping=held)

    def holder(self, record: Record) -> Holder | None:
        try:
            return Holder.of_address(self._kind.read(record))
        except errors.Damaged:
            return None

    async def fault(self, value: str) -> str:
        address = ipaddress.ip_address(value)
        for network in [*self._networks, *await self._others()]:
            if address in network:
                if _usable(network).has(int(address)):
                    return ""
                return (
                    f"the provided IP ({value}) is not in the valid range. The range of valid "
                    f"IPs is {network}"
                )
        return _OUTSIDE

    def guess(self, without: Container[str]) -> str | None:
        return _guess((_usable(each) for each in self._networks), _ADDRESS_BAND, without)

    async def free(self, without: Container[str]) -> str | None:
        used = await _used(self._api, self._kind.prefix())
        spans = [_usable(each) for each in (*self._networks, *await self._others())]
        return await _free(spans, _ADDRESS_BAND, used, without)

    def _is_ours(self, network: Network) -> bool:
        return f"IPv{network.version}" == self._pool.value

    async def _others(self) -> list[Network]:
        """Return the ranges beside the operator's own that addresses are given from."""
        kind = self._call.edition.kinds.for_message(RANGES)
        if kind is None:
            return []
        page = await self._api.store.list(kind.prefix())
        found: list[Network] = []
        for record in page.records:
            try:
                message = kind.read(record)
            except errors.Damaged:
                continue
            if _is_ready(message):
                found += [ipaddress.ip_network(text) for text in message.spec.cidrs]
        return [each for each in found if self._is_ours(each) and each not in self._networks]


class _Ports:
    """Ports of the nodes."""

    taken = "provided port is already allocated"

    def __init__(self, api: Api, kind: Kind) -> None:
        self._api = api
        self._kind = kind
        self._range = api.ranges.ports
        self._span = _Span(first=self._range[0], size=len(self._range), write=str)

    def key(self, value: str) -> bytes:
        return self._kind.system_key(keys.Area.ALLOCATIONS, NODE_PORTS, value)

    def entry(self, value: str, holder: Holder) -> bytes:
        del value
        return json.dumps(asdict(holder), separators=(",", ":")).encode()

    def holder(self, record: Record) -> Holder | None:
        return Holder.of_port(record.value)

    async def fault(self, value: str) -> str:
        if int(value) in self._range:
            return ""
        valid = f"{self._range[0]}-{self._range[-1]}"
        return f"provided port is not in the valid range. The range of valid ports is {valid}"

    def guess(self, without: Container[str]) -> str | None:
        return _guess([self._span], _PORT_BAND, without)

    async def free(self, without: Container[str]) -> str | None:
        below, _ = keys.split(self.key(str(self._range[0])))
        return await _free([self._span], _PORT_BAND, await _used(self._api, below), without)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """Values one after the other."""

    first: int
    size: int
    write: Callable[[int], object]
    """Returns what is written as the value of a number."""

    def has(self, number: int) -> bool:
        """Tell whether a number is in it."""
        return 0 <= number - self.first < self.size

    def any(self) -> str:
        """Return one of its values at random."""
        return str(self.write(self.first + secrets.randbelow(self.size)))

    def round(self) -> Iterator[str]:
        """Yield all its values, from any one of them on."""
        begin = secrets.randbelow(self.size) if self.size else 0
        for step in range(self.size):
            yield str(self.write(self.first + (begin + step) % self.size))

    def parts(self, kept: tuple[int, int]) -> tuple[_Span, _Span]:
        """Return its upper and its lower part; the lower one is empty of a small span."""
        step, most = kept
        lower = min(max(_LEAST_BAND, self.size // step), most)
        if self.size <= lower:
            lower = 0
        return (
            replace(self, first=self.first + lower, size=self.size - lower),
            replace(self, size=lower),
        )


def _usable(network: Network) -> _Span:
    """Return the addresses of a network but those that mean the network, or all in it."""
    is_old = isinstance(network, ipaddress.IPv4Network)
    return _Span(
        first=int(network.network_address) + 1,
        size=max(0, network.num_addresses - (2 if is_old else 1)),
        write=ipaddress.IPv4Address if is_old else ipaddress.IPv6Address,
    )


def _guess(spans: Iterable[_Span], kept: tuple[int, int], without: Container[str]) -> str | None:
    for span in spans:
        upper, _ = span.parts(kept)
        for _ in range(_GUESSES if upper.size else 0):
            value = upper.any()
            if value not in without:
                return value
    return None


async def _free(
    spans: Iterable[_Span], kept: tuple[int, int], used: Container[str], without: Container[str]
) -> str | None:
    with turns.Pace() as pace:
        for part in (part for span in spans for part in span.parts(kept)):
            for value in part.round():
                if value not in used and value not in without:
                    return value
                await pace.step()
    return None


async def _used(api: Api, prefix: bytes) -> set[str]:
    """Return the values whose keys begin with ``prefix``."""
    found: set[str] = set()
    async with aclosing(paging.pages(api.store, prefix, limit=_PAGE)) as pages:
        async for page in pages:
            found.update(keys.split(each.key)[1].decode(errors="replace") for each in page.records)
    return found


def _is_ready(ranges: Any) -> bool:
    """Tell whether addresses are given from a ServiceCIDR; they are unless it says otherwise."""
    if ranges.metadata.HasField("deletion_timestamp"):
        return False
    return all(each.status == "True" for each in ranges.status.conditions if each.type == "Ready")

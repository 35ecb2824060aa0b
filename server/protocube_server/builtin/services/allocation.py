"""The addresses and ports of the nodes that a Service is given.

The rules and texts are Kubernetes' (``registry/core/service/storage/alloc.go``).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.builtin.services import families, types
from protocube_server.kinds import addresses, violations
from protocube_server.kinds.named.allocation import Allocation, Claim, Need, Pool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube_server.kinds.named.allocation import Ranges

_KIND: Final = "Service"
_ADDRESSES: Final = "spec.clusterIPs"
_HEALTH_CHECK: Final = "spec.healthCheckNodePort"


class _Service:
    """See :class:`Allocation`."""

    def settle(self, old: Any | None, new: Any, ranges: Ranges) -> None:
        """See :meth:`Allocation.settle`."""
        before = old.spec if old is not None else None
        if new.spec.cluster_ip and not new.spec.cluster_ips:
            new.spec.cluster_ips.append(new.spec.cluster_ip)
        faults = families.settle(before, new.spec, [pool.value for pool in ranges.families])
        if faults:
            raise errors.invalid(_KIND, new.metadata.name, faults)
        if before is None and new.spec.type in types.OUTWARD:
            _share_node_ports(new.spec)

    def needs(self, old: Any | None, new: Any) -> Iterator[Need]:
        """See :meth:`Allocation.needs`."""
        spec = new.spec
        if spec.type in types.ADDRESSED and not types.is_headless(spec):
            yield from _addresses(spec)
        if types.needs_node_ports(spec):
            for ports in _without_node_port(spec, is_shared=old is None):
                yield _node_port(ports)
        if types.has_health_check(spec) and not spec.health_check_node_port:
            yield _health_check(spec)

    def claims(self, message: Any) -> dict[Claim, str]:
        """See :meth:`Allocation.claims`."""
        spec = message.spec
        found: dict[Claim, str] = {}
        if spec.type in types.ADDRESSED:
            for text in spec.cluster_ips:
                if (address := addresses.address(text)) is not None:
                    claim = Claim(Pool(f"IPv{address.version}"), str(address))
                    found.setdefault(claim, _ADDRESSES)
        if spec.type in types.OUTWARD:
            for index, port in enumerate(spec.ports):
                if port.node_port:
                    claim = Claim(Pool.NODE_PORTS, str(port.node_port))
                    found.setdefault(claim, f"spec.ports[{index}].nodePort")
        if types.has_health_check(spec) and spec.health_check_node_port:
            claim = Claim(Pool.NODE_PORTS, str(spec.health_check_node_port))
            found.setdefault(claim, _HEALTH_CHECK)
        return found

    def refused(self, message: Any, claim: Claim, why: str) -> errors.ApiError:
        """See :meth:`Allocation.refused`."""
        path = self.claims(message).get(claim, _ADDRESSES)
        if path == _HEALTH_CHECK:
            return _internal(
                f"failed to allocate requested HealthCheck NodePort {claim.value}", why
            )
        if claim.pool is Pool.NODE_PORTS:
            fault = violations.invalid(path, int(claim.value), why)
        else:
            detail = f"failed to allocate IP {claim.value}: {why}"
            fault = violations.invalid(path, list(message.spec.cluster_ips), detail)
        return errors.invalid(_KIND, message.metadata.name, [fault])


def _addresses(spec: Any) -> Iterator[Need]:
    for index in range(len(spec.cluster_ips), len(spec.ip_families)):
        yield Need(
            pool=Pool(spec.ip_families[index]),
            give=functools.partial(_give_address, spec, index),
            failed=functools.partial(_internal, "failed to allocate a serviceIP"),
        )


def _give_address(spec: Any, index: int, text: str) -> None:
    del spec.cluster_ips[index:]
    if text:
        spec.cluster_ips.append(text)
    if index == 0:
        spec.cluster_ip = text


def _share_node_ports(spec: Any) -> None:
    """Give ports of one number the port of the nodes that one of them asks for."""
    if not types.needs_node_ports(spec):
        return
    asked: dict[int, int] = {}
    for port in spec.ports:
        if port.node_port:
            asked.setdefault(port.port, port.node_port)
    for port in spec.ports:
        port.node_port = port.node_port or asked.get(port.port, 0)


def _without_node_port(spec: Any, *, is_shared: bool) -> Iterable[list[Any]]:
    """Return the ports that need one of the nodes, those together that get the same one.

    It is shared by the ports of one number of a new service, one for each protocol.
    """
    groups: dict[int, list[Any]] = {}
    for index, port in enumerate(spec.ports):
        if not port.node_port:
            groups.setdefault(port.port if is_shared else index, []).append(port)
    return groups.values()


def _node_port(ports: list[Any]) -> Need:
    return Need(
        pool=Pool.NODE_PORTS,
        give=functools.partial(_give_port, ports, "node_port"),
        failed=functools.partial(_internal, "failed to allocate a nodePort"),
    )


def _health_check(spec: Any) -> Need:
    return Need(
        pool=Pool.NODE_PORTS,
        give=functools.partial(_give_port, [spec], "health_check_node_port"),
        failed=functools.partial(_internal, "failed to allocate a HealthCheck NodePort 0"),
    )


def _give_port(holders: Iterable[Any], name: str, text: str) -> None:
    for holder in holders:
        setattr(holder, name, int(text or 0))


def _internal(what: str, why: str) -> errors.ApiError:
    return errors.Internal(f"Internal error occurred: {what}: {why}")


BY_NAME: dict[str, Allocation] = {"service": _Service()}

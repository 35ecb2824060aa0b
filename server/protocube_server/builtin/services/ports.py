"""Rules on the ports of a Service and of its endpoints, and on its families of addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_MOST_FAMILIES = 2


def _port_names(holder: Any) -> Iterator[Fault]:
    """Each of several ports has a name. No reason follows, as in Kubernetes."""
    if len(holder.ports) > 1:
        for index, port in enumerate(holder.ports):
            if not port.name:
                yield Fault(rule="required.port_name", text=f".ports[{index}].name: ")


def _port_numbers(spec: Any) -> Iterator[Fault]:
    """No port is there twice, in the cluster or on the nodes; the last that is, is named."""
    keys = [f"{port.port}/{port.protocol or 'TCP'}" for port in spec.ports]
    index = _last_duplicate(keys)
    if index is not None:
        yield Fault(rule="duplicate.port", text=f".ports[{index}]: {keys[index]}")
    keys = [f"{p.node_port}/{p.protocol or 'TCP'}" if p.node_port else "" for p in spec.ports]
    index = _last_duplicate(keys)
    if index is not None:
        yield Fault(rule="duplicate.node_port", text=f".ports[{index}].nodePort: ")
    if spec.type in ("", "ClusterIP"):
        for index, port in enumerate(spec.ports):
            if port.node_port:
                detail = "may not be used when `type` is 'ClusterIP'"
                text = f".ports[{index}].nodePort: {detail}"
                yield Fault(rule="forbidden.node_port", text=text)
                return


def _last_duplicate(keys: list[str]) -> int | None:
    seen: set[str] = set()
    found = None
    for index, key in enumerate(keys):
        if key and key in seen:
            found = index
        seen.add(key)
    return found


def _address_families(spec: Any) -> Iterator[Fault]:
    """Each address is of the family that was asked for; the first that is not, is named."""
    wanted = spec.ip_families
    if not wanted or "None" in spec.cluster_ips:
        return
    found = ["IPv6" if ":" in address else "IPv4" for address in spec.cluster_ips]
    if max(len(wanted), len(found)) > _MOST_FAMILIES:
        return
    for index, (family, asked) in enumerate(zip(found, wanted, strict=False)):
        if family != asked:
            place = f".clusterIPs[{index}]"
            detail = f"expected an {asked} value as indicated by `ipFamilies[{index}]`"
            yield Fault(rule="invalid.ip_family", text=f"{place}: {detail}")
            return


BY_NAME: dict[str, MessageRule] = {
    "port_names": _port_names,
    "service_address_families": _address_families,
    "service_port_numbers": _port_numbers,
}

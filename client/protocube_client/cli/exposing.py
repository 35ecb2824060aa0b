"""The Service in front of pods that ``cubectl expose`` and ``cubectl run --expose`` make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protocube_client.cli.failures import CommandError
from protocube_client.cli.ports import atoi, number_or_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_AFFINITIES = ("", "ClientIP", "None")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The ports of a Service, and their protocols where the exposed object says them."""

    numbers: Sequence[str]
    protocols: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """What flags say of the Service; what is empty they leave open."""

    protocol: str = ""
    target_port: str = ""
    type: str = ""
    external_ip: str = ""
    load_balancer_ip: str = ""
    session_affinity: str = ""
    cluster_ip: str = ""

    def manifest(
        self, metadata: dict[str, Any], *, selector: Mapping[str, str], ports: Ports
    ) -> dict[str, Any]:
        """Return the Service. Raises :class:`CommandError`."""
        if self.session_affinity not in _AFFINITIES:
            raise CommandError(f"unknown session affinity: {self.session_affinity}")
        spec = {
            "ports": self._ports(ports),
            "selector": dict(selector),
            "type": self.type,
            "externalIPs": [self.external_ip] if self.external_ip else [],
            "loadBalancerIP": self.load_balancer_ip if self.type == "LoadBalancer" else "",
            "sessionAffinity": self.session_affinity,
            "clusterIP": self.cluster_ip,
        }
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {name: value for name, value in spec.items() if value},
        }

    def _ports(self, ports: Ports) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for position, number in enumerate(ports.numbers, 1):
            name = f"port-{position}" if len(ports.numbers) > 1 else ""
            protocols = [self.protocol] if self.protocol else ports.protocols.get(number, ["TCP"])
            several = len(protocols) > 1
            found += [
                self._port(
                    f"port-{position}-{protocol.lower()}" if several else name,
                    atoi(number),
                    protocol,
                )
                for protocol in protocols
            ]
        return found

    def _port(self, name: str, port: int, protocol: str) -> dict[str, Any]:
        target = number_or_text(self.target_port) if self.target_port else port
        named = {"name": name} if name else {}
        return {**named, "port": port, "protocol": protocol, "targetPort": target}

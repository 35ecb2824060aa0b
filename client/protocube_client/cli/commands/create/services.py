"""What the generators of Services share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from protocube_client.cli import ports
from protocube_client.cli.commands.create import generation
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag, words

if TYPE_CHECKING:
    from protocube_client.cli.app import App

HEADLESS = "None"
"""The cluster IP of a Service without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """What the Service is."""

    type: str
    tcp: tuple[str, ...]
    """Its ports: ``80``, ``80:8080``, ``80:http``."""
    cluster_ip: str = ""
    node_port: int = 0
    external_name: str = ""

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if not (self.tcp or self.cluster_ip == HEADLESS or self.type == "ExternalName"):
            raise CommandError("at least one tcp port specifier must be provided")

    def manifest(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """Return the Service. Raises :class:`CommandError`."""
        labels = {"app": metadata["name"]}
        spec: dict[str, Any] = {"type": self.type, "selector": labels}
        if self.tcp:
            spec["ports"] = [self._port(text) for text in self.tcp]
        if self.cluster_ip:
            spec["clusterIP"] = self.cluster_ip
        if self.external_name:
            spec["externalName"] = self.external_name
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {**metadata, "labels": labels},
            "spec": spec,
        }

    def run(self, app: App, flags: dict[str, Any]) -> None:
        """Create the Service; ``flags`` are those of :func:`generation.flags`."""
        created = generation.take(flags)
        self.validate()
        complaint = f"failed to create {self.type} service: "
        # kubectl has the flag, and keeps nothing.
        created = replace(created, making=replace(created.making, save_config=False))
        created.run(app, self.manifest, complaint=complaint)

    def _port(self, text: str) -> dict[str, Any]:
        first, colon, rest = text.partition(":")
        number = ports.number(first)
        port: dict[str, Any] = {
            "name": text.replace(":", "-"),
            "port": number,
            "protocol": "TCP",
            "targetPort": ports.target(rest.partition(":")[0]) if colon else number,
        }
        if self.node_port:
            port["nodePort"] = self.node_port
        return port


def tcp_flag() -> Flag:
    """Return ``--tcp``."""
    return Flag(
        ["--tcp"],
        multiple=True,
        metavar="PORT[:TARGET]",
        help="A port, and the number or name of the container's; may be repeated.",
    )


def take_tcp(flags: dict[str, Any]) -> tuple[str, ...]:
    """Take the ports out of what click gave a callback."""
    return words(flags.pop("tcp"))

"""The pages of IngressClasses and EndpointSlices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables.kinds import missing

if TYPE_CHECKING:
    from protocube_client.cli.commands.describe.around import Around
    from protocube_client.cli.describing.page import Page


async def ingress_class(page: Page, item: Any, _around: Around) -> None:
    """Write who serves Ingresses of the class, and with which parameters."""
    page.head(item.metadata, namespace=False)
    page.field("Controller", item.spec.controller)
    if item.spec.HasField("parameters"):
        parameters = item.spec.parameters
        page.line("Parameters:")
        if parameters.HasField("api_group"):
            page.field("APIGroup", parameters.api_group, 1)
        page.field("Kind", parameters.kind, 1)
        page.field("Name", parameters.name, 1)


async def endpoint_slice(page: Page, item: Any, _around: Around) -> None:
    """Write the ports, and for each endpoint where it is and whether it is ready."""
    page.head(item.metadata)
    page.field("AddressType", item.address_type)
    if item.ports:
        page.line("Ports:")
        page.table(("Name", "Port", "Protocol"), [_port(port) for port in item.ports])
    else:
        page.line(f"Ports: {missing.UNSET}")
    page.line("Endpoints:" if item.endpoints else f"Endpoints: {missing.NONE}")
    for endpoint in item.endpoints:
        page.field("- Addresses", ", ".join(endpoint.addresses) or missing.NONE, 1)
        page.line("Conditions:", 2)
        ready = endpoint.conditions
        page.field(
            "Ready", str(ready.ready).lower() if ready.HasField("ready") else missing.UNSET, 3
        )
        page.field("Hostname", endpoint.hostname or missing.UNSET, 2)
        if endpoint.HasField("target_ref"):
            page.field("TargetRef", f"{endpoint.target_ref.kind}/{endpoint.target_ref.name}", 2)
        page.field("NodeName", endpoint.node_name or missing.UNSET, 2)
        page.field("Zone", endpoint.zone or missing.UNSET, 2)


def _port(port: Any) -> tuple[str, str, str]:
    number = str(port.port) if port.HasField("port") else missing.UNSET
    return (port.name or missing.UNSET, number, port.protocol)

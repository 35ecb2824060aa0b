"""One run of ``cubectl expose``: each object gets a Service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_client.cli import label_pairs
from protocube_client.cli.exposing import Ports
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from protocube_client.cli.commands.expose.command import ExposeOptions
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

_KINDS = frozenset(
    {
        ("", "Pod"),
        ("", "ReplicationController"),
        ("", "Service"),
        ("apps", "Deployment"),
        ("apps", "ReplicaSet"),
    }
)
_LONGEST_NAME = 63
_NO_PORT = "couldn't find port via --port flag or introspection"


class Services:
    """The function that is called with each object."""

    def __init__(self, options: ExposeOptions, session: Session) -> None:
        self._options = options
        self._session = session
        self._printer = options.making.printer("exposed")

    async def visit(self, chosen: Chosen) -> None:
        """Create the Service and say so. Raises ``ApiError`` and :class:`CommandError`."""
        resource, options = chosen.resource, self._options
        if (resource.group, resource.kind) not in _KINDS:
            raise CommandError(f"cannot expose a {resource.qualified_kind}")
        data = chosen.data()
        given = label_pairs.read(options.selector) if options.selector else None
        selector = _selector(resource.kind, data) if given is None else given
        if not selector:
            raise CommandError("selector must be specified")
        ports = self._ports(resource.kind, data)
        metadata = self._metadata(chosen.name, data)
        manifest = options.service.manifest(metadata, selector=selector, ports=ports)
        manifest = options.overrides.applied(manifest, self._session)
        shown = await options.making.make(self._session, manifest)
        self._printer.print([shown], self._session.streams.out)

    def _metadata(self, name: str, data: dict[str, Any]) -> dict[str, Any]:
        options, settings = self._options, self._session.settings
        metadata: dict[str, Any] = {"name": options.name or name[:_LONGEST_NAME]}
        if settings.namespace_given:
            metadata["namespace"] = settings.namespace
        labels = (data.get("metadata") or {}).get("labels") or {}
        if options.labels:
            labels = label_pairs.read(options.labels)
        return {**metadata, "labels": labels} if labels else metadata

    def _ports(self, kind: str, data: dict[str, Any]) -> Ports:
        """Return the ports that are given, or else those of the object with their protocols."""
        protocols: dict[str, list[str]] = {}
        for port in _declared(kind, data):
            number = str(port.get("port" if kind == "Service" else "containerPort", 0))
            protocols.setdefault(number, []).append(port.get("protocol") or "TCP")
        numbers = [self._options.port] if self._options.port else list(protocols)
        if not numbers and self._options.service.cluster_ip != "None":
            raise CommandError(_NO_PORT)
        return Ports(numbers=numbers, protocols=protocols)


def _declared(kind: str, data: dict[str, Any]) -> list[dict[str, Any]]:
    spec = data.get("spec") or {}
    if kind == "Service":
        return spec.get("ports") or []
    if kind != "Pod":
        spec = (spec.get("template") or {}).get("spec") or {}
    return [
        port for container in spec.get("containers") or [] for port in container.get("ports") or []
    ]


def _selector(kind: str, data: dict[str, Any]) -> dict[str, str]:
    """Return the labels of the pods. Raises :class:`CommandError`."""
    try:
        return _labels(kind, data)
    except CommandError as error:
        complaint = "couldn't retrieve selectors via --selector flag or introspection: "
        raise CommandError(f"{complaint}{error}") from None


def _labels(kind: str, data: dict[str, Any]) -> dict[str, str]:
    spec, metadata = (data.get(field) or {} for field in ("spec", "metadata"))
    labels: dict[str, str]
    if kind == "Pod":
        labels = metadata.get("labels") or {}
        if not labels:
            raise CommandError("the pod has no labels and cannot be exposed")
        return labels
    selector = spec.get("selector")
    if kind == "Service" and not selector:
        raise CommandError("the service has no pod selector set")
    if kind in ("ReplicationController", "Service"):
        return selector or {}
    labels = (selector or {}).get("matchLabels") or {}
    if not labels:
        raise CommandError(f"invalid {kind.lower()}: no selectors, therefore cannot be exposed")
    if expressions := (selector or {}).get("matchExpressions"):
        told = " ".join(map(_expression, expressions))
        raise CommandError(
            f'couldn\'t convert expressions - "[{told}]" to map-based selector format'
        )
    return labels


def _expression(requirement: dict[str, Any]) -> str:
    values = " ".join(requirement.get("values") or [])
    return (
        f"{{Key:{requirement.get('key')} Operator:{requirement.get('operator')} Values:[{values}]}}"
    )

"""What kind a version of a custom kind is: the ``resource`` option of its message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube.api.v1 import resource_pb2
from protocube.tables.jsonpath.finding import Template
from protocube.tables.jsonpath.parser import TemplateError
from protocube_server.definitions.crd import naming, scaling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_server.definitions.crd.schema import Schema

_AGE: Final = ".metadata.creationTimestamp"


def option(
    spec: Mapping[str, Any], version: Mapping[str, Any], schema: Schema, *, stored_as: str
) -> resource_pb2.Resource:
    """Return the option of one version; ``spec`` is that of the definition, both as JSON.

    A scale whose replicas are no whole number of the schema is left out.
    ``stored_as`` is the full name of the message that objects are stored as, if another one.
    """
    names = spec["names"]
    kind = names["kind"]
    found = resource_pb2.Resource(
        plural=names["plural"],
        singular=names.get("singular") or kind.lower(),
        kind=kind,
        service=naming.service(kind, names["plural"]),
        scope=resource_pb2.SCOPE_CLUSTER
        if spec.get("scope") == "Cluster"
        else resource_pb2.SCOPE_NAMESPACED,
        short_names=names.get("shortNames", ()),
        categories=names.get("categories", ()),
        stored_as=stored_as,
        generation=resource_pb2.GENERATION_COUNTED,
        columns=map(_column, columns(version)),
    )
    subresources = version.get("subresources") or {}
    if "status" in subresources:
        found.subresources.append(resource_pb2.SUBRESOURCE_STATUS)
    scale = scaling.of(version, schema)
    if scale is not None:
        found.subresources.append(resource_pb2.SUBRESOURCE_SCALE)
        found.scale.spec_replicas = scale["specReplicasPath"]
        found.scale.status_replicas = scale["statusReplicasPath"]
        found.scale.selector = scale.get("labelSelectorPath") or scaling.NO_SELECTOR
    if version.get("deprecated"):
        found.deprecated.text = _deprecation(spec, version)
    return found


def columns(version: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the columns of a version. Without any of its own it shows the age."""
    own = version.get("additionalPrinterColumns") or []
    age = {"name": "Age", "type": "date", "jsonPath": _AGE}
    name = {"name": "Name", "type": "string", "jsonPath": ".metadata.name"}
    return [name, *(own or [age])]


def column_fault(column: Mapping[str, Any]) -> str:
    """Say what is wrong with the path of a column; nothing where it can be followed."""
    try:
        Template(f"{{{column['jsonPath']}}}")
    except TemplateError as error:
        return f"{column['jsonPath']}: {error}"
    return ""


def _column(column: Mapping[str, Any]) -> resource_pb2.Column:
    return resource_pb2.Column(
        name=column["name"],
        path=column["jsonPath"],
        wide=column.get("priority", 0) > 0,
        description=column.get("description", ""),
        type=column["type"],
    )


def _deprecation(spec: Mapping[str, Any], version: Mapping[str, Any]) -> str:
    """Return the warning for calls of a deprecated version."""
    if own := version.get("deprecationWarning"):
        return str(own)
    group, kind = spec["group"], spec["names"]["kind"]
    text = f"{group}/{version['name']} {kind} is deprecated"
    newer = naming.preferred(
        other["name"]
        for other in spec["versions"]
        if other.get("served") and not other.get("deprecated")
    )
    return f"{text}; use {group}/{newer} {kind}" if newer else text

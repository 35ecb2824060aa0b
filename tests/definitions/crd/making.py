"""Makes kinds of CustomResourceDefinitions, without a server."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from protocube import errors, joined_catalog
from protocube.catalog import Catalog
from protocube.manifests import encode
from protocube.manifests.decode import decode
from protocube_server.builtin.functions import SHARED
from protocube_server.definitions.crd.door import SchemaDoor
from protocube_server.kinds.named.functions import Functions
from protocube_server.kinds.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_server.definitions.door import Compiled
    from protocube_server.kinds.kind import Kind

DOOR = SchemaDoor()
_BASE = Catalog.shipped(comments=False)
_DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: machines.fleet.example.com}
spec:
  group: fleet.example.com
  scope: Namespaced
  names: {plural: machines, kind: Machine, listKind: MachineList, singular: machine}
  versions: []
"""


def definition(*versions: Mapping[str, Any], **spec: Any) -> Any:
    """Return a definition of Machines; each version has at least ``schema``."""
    manifest = yaml.safe_load(_DEFINITION)
    for index, given in enumerate(versions):
        version = {"name": "v1", "served": True, "storage": not index, **copy.deepcopy(given)}
        schema = version.pop("schema")
        version["schema"] = {"openAPIV3Schema": schema}
        manifest["spec"]["versions"].append(version)
    manifest["spec"].update(spec)
    return parsed(manifest)


def parsed(manifest: Mapping[str, Any]) -> Any:
    """Return a manifest of a definition as its message."""
    resource = _BASE.for_kind(str(manifest["apiVersion"]), str(manifest["kind"]))
    assert resource is not None
    message = resource.message_class()
    report = decode(manifest, message)
    assert not report.unknown, report
    assert not report.faults, report
    return message


def cases(name: str) -> Any:
    """Return the cases in a file of this folder."""
    return yaml.safe_load((Path(__file__).parent / f"{name}.yaml").read_text())


def of_spec(schema: Any) -> dict[str, Any]:
    """Return the schema of an object whose ``spec`` has that schema, which may be YAML."""
    spec = yaml.safe_load(schema) if isinstance(schema, str) else schema
    return {"type": "object", "properties": {"spec": spec}}


@dataclass(frozen=True, kw_only=True)
class Kinds:
    """The kinds of one definition."""

    compiled: Compiled
    registry: Registry

    def kind(self, version: str = "v1") -> Kind:
        """Return a version."""
        return next(kind for kind in self.registry if kind.resource.version == version)


def kinds(message: Any, numbers: bytes = b"") -> Kinds:
    """Return the kinds of a definition."""
    compiled = DOOR.compile(message, numbers)
    part = joined_catalog.part(_BASE, compiled.files, lean=compiled.lean)
    functions = Functions.merged(SHARED, compiled.functions)
    return Kinds(compiled=compiled, registry=Registry(part, "/registry", functions))


def kind(schema: Any, **version: Any) -> Kind:
    """Return the kind of Machines whose ``spec`` has that schema, which may be YAML."""
    return kinds(definition({"schema": of_spec(schema), **version})).kind()


def machine(kind: Kind, spec: Any, **fields: Any) -> Any:
    """Return a Machine with its defaults. Raises ``errors.Invalid`` for what does not fit."""
    message: Any = kind.resource.message_class()
    manifest = {
        "apiVersion": kind.resource.api_version,
        "kind": kind.resource.kind,
        "metadata": {"name": "v1", "namespace": "default"},
        "spec": spec,
        **fields,
    }
    report = decode(manifest, message)
    assert not report.unknown, report.unknown
    assert not report.faults, report.faults
    if report.violations:
        raise errors.invalid(kind.resource.qualified_kind, "v1", report.violations)
    kind.defaults.apply(message)
    return message


def told(kind: Kind, spec: Any, old: Any | None = None) -> list[str]:
    """Return what is wrong with a Machine, which was ``old`` before: ``field: message``."""
    try:
        message = machine(kind, spec)
        if old is None:
            kind.validation.check(message)
        else:
            before = machine(kind, old)
            asyncio.run(kind.validation.check_update_in_turns(before, message))
    except errors.Invalid as error:
        return [f"{item.field}: {item.message}" for item in error.violations]
    return []


def shown(kind: Kind, spec: Any) -> Any:
    """Return the spec of a Machine as it is read back."""
    return encode.data(machine(kind, spec)).get("spec")

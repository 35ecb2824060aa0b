"""CustomResourceDefinitions as definitions: see :class:`protocube_server.definitions.door.Door`."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, Final

from protocube.catalog import Catalog
from protocube.errors import Violation
from protocube.manifests import encode
from protocube.packed_files import PackedFiles
from protocube_server.definitions.crd import (
    checks,
    compiling,
    conditions,
    defining,
    numbering,
    sharing,
    texts,
)
from protocube_server.definitions.crd.holding import Holding
from protocube_server.definitions.crd.programs import Programs
from protocube_server.definitions.door import Compiled, Refused
from protocube_server.kinds.named.functions import Functions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube_server.definitions.door import State

CONVERSION: Final = "protocube.dev/conversion"
"""The annotation that takes the place of the strategy, with ``None`` as its value."""


class SchemaDoor:
    """The door of CustomResourceDefinitions."""

    message: str = "protocube.apiextensions.v1.CustomResourceDefinition"
    noun: str = "custom resource definition"
    finalizer: str = "customresourcecleanup.apiextensions.k8s.io"

    def name(self, definition: Any) -> str:
        """Return ``plural.group``."""
        return f"{definition.spec.names.plural}.{definition.spec.group}"

    def compile(self, definition: Any, numbers: bytes) -> Compiled:
        """Return the files of a definition, with what holds objects to its schemas.

        Raises ``Refused`` for what cannot be served though Kubernetes serves it, and for numbers
        that are damaged.
        """
        spec = encode.data(definition.spec)
        _require_conversion(definition, spec)
        _require_served(spec)
        try:
            made = compiling.compile_spec(spec, numbers)
        except numbering.Damaged as error:
            fault = Violation(
                field="metadata", reason="InternalError", message=f"Internal error: {error}"
            )
            raise Refused([fault]) from error
        lean = PackedFiles(sharing.shared(made.files))
        roots = [(version.message, version.schema) for version in made.versions]
        compiled, programs = checks.Checks(), Programs(lean, _shipped(), roots)
        schemas = {item.message: Holding(item, compiled, programs) for item in made.versions}
        list_kind = definition.spec.names.list_kind
        return Compiled(
            files=PackedFiles(made.files),
            lean=lean,
            functions=Functions(schemas=schemas),
            numbers=made.numbers,
            list_kinds=(list_kind,) if list_kind else (),
            warnings=tuple(_warnings(made)),
        )

    def read(self, definition: Any, numbers: bytes) -> Compiled | None:
        """Return the files alone: reads ask for nothing else."""
        made = compiling.compile_spec(encode.data(definition.spec), numbers)
        return Compiled(
            files=PackedFiles(made.files),
            lean=PackedFiles(sharing.shared(made.files)),
            numbers=made.numbers,
        )

    def tell(self, definition: Any, state: State, now: datetime, *, why: str = "") -> None:
        """Write the conditions and the accepted names of a definition."""
        conditions.tell(definition, state, now, why=why)


def _require_conversion(definition: Any, spec: Mapping[str, Any]) -> None:
    """Refuse conversion by webhook, unless it is said that versions are each other as they are."""
    strategy = spec.get("conversion", {}).get("strategy", "None")
    if strategy == "None" or definition.metadata.annotations.get(CONVERSION) == "None":
        return
    fault = texts.unsupported("spec.conversion.strategy", strategy, ["None"])
    detail = (
        f"webhooks are not called to convert; the annotation {CONVERSION}: None in its metadata "
        "lets the versions be each other's as they are"
    )
    raise Refused([dataclasses.replace(fault, message=f"{fault.message}: {detail}")])


def _require_served(spec: Mapping[str, Any]) -> None:
    """Refuse a definition that defines nothing: its objects could not even be deleted."""
    if any(version.get("served") for version in spec["versions"]):
        return
    names = [version["name"] for version in spec["versions"]]
    raise Refused([texts.invalid("spec.versions", names, "at least one has to be served")])


def _warnings(made: compiling.Made) -> Iterator[str]:
    """Yield what the versions warn of, each thing once."""
    found: dict[str, list[str]] = {}
    for version in made.versions:
        for warning in (*version.warnings, *defining.warnings(version.schema)):
            found.setdefault(warning, []).append(version.name)
    for warning, versions in found.items():
        yield f"{', '.join(versions)}: {warning}"


@functools.cache
def _shipped() -> tuple[FileDescriptorProto, ...]:
    """Return the shipped files whose messages rules can meet."""
    shipped = Catalog.shipped(comments=False)
    wanted = ["protocube.meta.v1.ObjectMeta", "google.protobuf.Struct"]
    return tuple(shipped.files_declaring([*wanted, "google.protobuf.Timestamp"]).values())

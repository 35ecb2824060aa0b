"""Runs ``create -f`` as the command does, without the command line."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from protocube.catalog import Catalog
from protocube_client.resource.builder import Builder, FilenameOptions
from protocube_client.resource.create import create_and_refresh
from protocube_client.resource.error_text import lines
from protocube_client.resource.trace import Trace
from protocube_client.resource.validation import Validation
from tests.client.resource.recording import RecordingCaller

if TYPE_CHECKING:
    from protocube_client.resource.info import Info


BAD_REQUEST = (
    'Error from server (BadRequest): error when creating "x.yaml": '
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: '
)
"""What begins an error about a manifest that its kind cannot take."""


@dataclass(kw_only=True)
class Walk:
    """What a user would see."""

    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    infos: list[Info] = field(default_factory=list)


async def create(  # the command's flags
    *paths: str | Path,
    caller: RecordingCaller | None = None,
    validation: Validation = Validation.STRICT,
    namespace: str = "",
    selector: str = "",
    recursive: bool = False,
    stdin: bytes = b"",
    trace: io.StringIO | None = None,
    kustomize: str = "",
) -> Walk:
    """Create what ``paths`` hold; a ``namespace`` is one that was asked for with ``-n``."""
    walk = Walk()
    tracer = None if trace is None else Trace(trace)
    options = FilenameOptions(
        filenames=tuple(str(path) for path in paths), recursive=recursive, kustomize=kustomize
    )
    result = (
        Builder(
            Catalog.shipped(), caller or RecordingCaller(), stdin=io.BytesIO(stdin), trace=tracer
        )
        .schema(validation)
        .continue_on_error()
        .namespace_param(namespace or "default")
        .default_namespace()
        .filename_param(options, enforce_namespace=bool(namespace))
        .label_selector_param(selector)
        .flatten()
        .do()
    )

    async def one(info: Info | None, error: Exception | None) -> None:
        if error is not None:
            raise error
        assert info is not None
        warnings = await create_and_refresh(info, validation=validation, trace=tracer)
        walk.err += [f"Warning: {warning}" for warning in warnings]
        walk.infos.append(info)
        walk.out.append(f"{info.mapping.qualified_kind.lower()}/{info.name} created")

    try:
        await result.visit(one)
    except Exception as error:  # noqa: BLE001  # printed as the command prints it
        walk.err += lines(error)
    return walk


def config_map(name: str, *more: str) -> str:
    """Return the manifest of a ConfigMap, with further lines at the top level."""
    head = f'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "{name}"\n'
    return head + "".join(f"{line}\n" for line in more)


def write(name: str, *documents: str) -> str:
    """Write documents into a file of the folder that the test is in, and give its name."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("---\n".join(documents))
    return name


def listed(*items: str, kind: str = "List") -> str:
    """Return the text of a list."""
    return f"apiVersion: v1\nkind: {kind}\nitems: [{', '.join(items)}]\n"


def item(name: str, more: str = "") -> str:
    """Return the text of an item of a list."""
    return f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}{more}}}}}"

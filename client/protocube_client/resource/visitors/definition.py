"""Reads a ``.proto`` file, or a descriptor set, and hands on manifests of Definitions."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocube import file_order
from protocube.manifests.manifest_error import ManifestError
from protocube_client.resource import definition_files
from protocube_client.resource.go import os as go_os

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube_client.resource.visitor import VisitorFunc
    from protocube_client.resource.visitors.file import Streamed


class DefinitionVisitor:
    """Visits the definitions of the kinds that a file declares, one for each kind.

    Only files of one's own are in them: what they import of the server's is left to the server.
    """

    def __init__(self, path: str, streamed: Streamed) -> None:
        self._path = path
        self._streamed = streamed

    async def visit(self, fn: VisitorFunc) -> None:
        """Compile or read the file. Raises :class:`ManifestError` when that fails."""
        try:
            content = await asyncio.to_thread(Path(self._path).read_bytes)
        except OSError as error:
            raise ManifestError(go_os.describe(error, "open")) from None
        if self._path.endswith(definition_files.TEXT):
            from protocube_client.resource import protoc

            compiled = await asyncio.to_thread(protoc.compiled, self._path, content)
            files, sources = compiled.files, compiled.sources
        else:
            files, sources = _in_image(self._path, content), {}
        documents = list(_manifests(self._path, files, sources))
        left = ["\n---\n".join(map(json.dumps, documents)).encode()]

        async def read() -> bytes:
            return left.pop() if left else b""

        await self._streamed(read, self._path).visit(fn)


def _in_image(path: str, content: bytes) -> list[FileDescriptorProto]:
    """Return the files of a descriptor set that are not the server's."""
    from google.protobuf import descriptor_pb2
    from google.protobuf.message import DecodeError

    try:
        found = descriptor_pb2.FileDescriptorSet.FromString(content)
    except DecodeError:
        text = f"{path} is no google.protobuf.FileDescriptorSet, as protoc and buf write it"
        raise ManifestError(text, source=path) from None
    theirs = ("google/", "buf/", "protocube/", "grpc/")
    return [file for file in found.file if not file.name.startswith(theirs)]


def _manifests(
    path: str, files: Sequence[FileDescriptorProto], sources: Mapping[str, str]
) -> Iterable[dict[str, Any]]:
    """Yield the definition of each kind, with the files that it needs."""
    from protocube.api.v1 import group_version_pb2
    from protocube.codegen import services

    by_name = {file.name: file for file in files}
    kinds: dict[str, dict[str, None]] = {}
    for file in files:
        group = file.options.Extensions[group_version_pb2.group_version].group
        # A service that was made for the kind is the server's to make.
        for _, option in services.resources_in(file):
            kinds.setdefault(f"{option.plural}.{group}", {})[file.name] = None
    if not kinds:
        text = f"{path} declares no kind: no message has the option (protocube.api.v1.resource)"
        raise ManifestError(text, source=path)
    for name, roots in kinds.items():
        own = [by_name[each] for each in file_order.with_imports(roots, by_name)]
        yield {
            "apiVersion": "definitions.protocube.dev/v1",
            "kind": "Definition",
            "metadata": {"name": name},
            "spec": {"files": [_file(file, sources.get(file.name, "")) for file in own]},
        }


def _file(file: FileDescriptorProto, source: str) -> dict[str, str]:
    descriptor = base64.b64encode(file.SerializeToString(deterministic=True)).decode()
    return {"descriptor": descriptor} | ({"source": source} if source else {})

"""Creates every manifest below some folders on a server and reads each one back.

Each document is created twice, first as a server-side dry run, then compared with
what is read back, then deleted, so that documents do not get into each other's way.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.api.v1 import resource_pb2
from protocube.core.v1.namespace_pb2 import Namespace
from protocube.manifests import encode
from protocube_client import Client
from protocube_client.resource import create
from protocube_client.resource.builder import Builder, FilenameOptions
from protocube_client.watching import EventType
from tests.corpus.comparing import differences
from tests.corpus.outcomes import Outcomes, Refusal

if TYPE_CHECKING:
    from protocube_client.resource.info import Info

_PATIENCE_SECONDS = 10.0
_ENDINGS = (".yaml", ".yml", ".json")


class Corpus:
    """One run over a server that belongs to it."""

    def __init__(self, client: Client, root: Path, *, defines: bool = False) -> None:
        """``defines``: definitions stay, and objects of their kinds can follow."""
        self._client = client
        self._defines = defines
        self._root = root
        self.outcomes = Outcomes()

    async def file(self, path: Path) -> None:
        """Create all documents of one file."""
        builder = Builder(self._client.catalog, self._client.connection).continue_on_error()
        builder.namespace_param("default").default_namespace()
        options = FilenameOptions(filenames=(str(path),))
        result = builder.filename_param(options, enforce_namespace=False).flatten().do()

        async def visit(info: Info | None, error: Exception | None) -> None:
            if info is not None:
                await self._document(info)
            elif error is not None:
                raise error

        try:
            await result.visit(visit)
        except Exception as error:  # noqa: BLE001  # whatever is wrong with it, it is counted
            self._refuse(path, error)

    async def _document(self, info: Info) -> None:
        source = Path(info.source)
        await self._namespace(info.namespace)
        try:
            await create.create_and_refresh(info, dry_run=True)
            await create.create_and_refresh(info)
        except Exception as error:  # noqa: BLE001  # as above
            self._refuse(source, error)
            return
        resource = info.mapping
        kind = f"{resource.plural}.{resource.version}.{resource.group}"
        stored = await self._client.get(kind, info.name, namespace=info.namespace)
        self.outcomes.created[f"{resource.api_version} {resource.kind}"] += 1
        has_status = resource_pb2.SUBRESOURCE_STATUS in resource.subresources
        for line in differences(info.manifest, encode.data(stored), has_status=has_status):
            where = f"{source.relative_to(self._root)} {resource.kind}/{info.name}"
            self.outcomes.changed.append(Refusal(source=where, reason=line))
        if resource.kind == "CustomResourceDefinition" and self._defines:
            await self._learn(stored)
        elif resource.kind != "Namespace":
            await self._delete(kind, info)

    async def _learn(self, definition: Any) -> None:
        """Know the kinds of a definition from now on."""
        spec = definition.spec
        for version in spec.versions:
            if version.served:
                await self._client.kind(f"{spec.group}/{version.name}", spec.names.kind)

    async def _delete(self, kind: str, info: Info) -> None:
        """Delete a document, and wait for its end: another one may have its name."""
        going: Any = await self._client.delete(kind, info.name, namespace=info.namespace)
        if not going.metadata.finalizers:
            return
        watch = self._client.watch(
            kind,
            namespace=info.namespace,
            field_selector=f"metadata.name={info.name}",
            resource_version=going.metadata.resource_version,
        )
        async with asyncio.timeout(_PATIENCE_SECONDS), aclosing(watch) as events:
            async for event in events:
                if event.type == EventType.DELETED:
                    return

    async def _namespace(self, name: str) -> None:
        if not name:
            return
        namespace: Any = Namespace()
        namespace.metadata.name = name
        try:
            await self._client.create(namespace)
        except (errors.AlreadyExists, errors.Invalid):
            return

    def _refuse(self, path: Path, error: Exception) -> None:
        source = str(path.relative_to(self._root))
        self.outcomes.refused.append(Refusal(source=source, reason=" ".join(str(error).split())))


def manifests(folder: Path) -> list[Path]:
    """Return the files below ``folder`` that may hold manifests, in order."""
    return sorted(path for path in folder.rglob("*") if path.suffix in _ENDINGS and path.is_file())


async def main(server: str, folders: list[Path], defining: list[Path]) -> int:
    """Run over ``folders`` and print the table; 1 when a document came back changed.

    The definitions in ``defining`` come first, and stay.
    """
    status = 0
    async with Client(server) as client:
        for folder in [*defining, *folders]:
            corpus = Corpus(client, folder, defines=folder in defining)
            for path in manifests(folder):
                await corpus.file(path)
            sys.stdout.write(corpus.outcomes.table() + "\n")
            status |= bool(corpus.outcomes.changed)
    return status


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--definitions", action="append", type=Path, default=[])
    parser.add_argument("server")
    parser.add_argument("folders", nargs="*", type=Path)
    given = parser.parse_intermixed_args()
    folders = [folder.resolve() for folder in given.folders]
    sys.exit(
        asyncio.run(main(given.server, folders, [each.resolve() for each in given.definitions]))
    )

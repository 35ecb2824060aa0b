"""Builds a kustomization with an installed tool and hands the result to a StreamVisitor."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from protocube.manifests.manifest_error import ManifestError

if TYPE_CHECKING:
    from protocube_client.resource.visitor import VisitorFunc
    from protocube_client.resource.visitors.file import Streamed

_LOGGED = re.compile(r'^E\d{4} .*\] "command failed" err=(".*")$')
"""How some builds of kubectl complain: as a line of a log, the text as Go quotes it."""

_TOOLS = (("kustomize", "build"), ("kubectl", "kustomize"))


_BUILDING = "PROTOCUBE_KUSTOMIZING"
"""Set for the tool: a ``kubectl`` on PATH may be a cubectl, which must not call itself."""

_NO_TOOL = (
    "a kustomization is built by an installed kustomize or kubectl, and neither is on PATH: "
    "install one of them"
)


class NoTool(ManifestError):
    """Nothing on PATH builds kustomizations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a tool made of a kustomization."""

    manifests: bytes
    warnings: str
    """What it said beside them."""


class KustomizeVisitor:
    """Visits what ``kustomize build DIRECTORY`` gives; its warnings go to ``stderr``."""

    def __init__(self, directory: str, streamed: Streamed, *, stderr: TextIO | None = None) -> None:
        self._directory = directory
        self._streamed = streamed
        self._stderr = stderr

    async def visit(self, fn: VisitorFunc) -> None:
        """Build and read. Raises :class:`ManifestError` without a tool, or with its words."""
        try:
            built = await build(self._directory)
        except NoTool as error:
            advice = f", or build {self._directory} elsewhere and pass the result with -f"
            raise ManifestError(f"{error}{advice}") from None
        if self._stderr is not None:
            self._stderr.write(built.warnings)
        pieces = [built.manifests, b""]

        async def read() -> bytes:
            return pieces.pop(0) if pieces else b""

        await self._streamed(read, self._directory).visit(fn)


async def build(directory: str, *flags: str) -> Built:
    """Build a kustomization with the first tool on PATH, which gets ``flags``.

    Raises :class:`NoTool` without one, and :class:`ManifestError` with its words.
    """
    tools = _TOOLS[:1] if _BUILDING in os.environ else _TOOLS
    tool = next((tool for tool in tools if shutil.which(tool[0])), None)
    if tool is None:
        raise NoTool(_NO_TOOL)
    process = await asyncio.create_subprocess_exec(
        *tool,
        directory,
        *flags,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, _BUILDING: "1"},
    )
    try:
        output, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ManifestError(_reason(complaint) or f"{' '.join(tool)} failed")
    return Built(manifests=output, warnings=complaint.decode("utf-8", "replace"))


def _reason(complaint: bytes) -> str:
    text = complaint.decode("utf-8", "replace").strip()
    if logged := _LOGGED.match(text):
        return str(json.loads(logged[1], strict=False))
    return text.removeprefix("Error: ").removeprefix("error: ")

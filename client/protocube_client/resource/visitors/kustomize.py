"""Builds a kustomization with an installed tool and hands the result to a StreamVisitor."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from typing import TYPE_CHECKING

from protocube_client.resource.manifest_error import ManifestError

if TYPE_CHECKING:
    from protocube_client.resource.visitor import VisitorFunc
    from protocube_client.resource.visitors.file import Streamed

_LOGGED = re.compile(r'^E\d{4} .*\] "command failed" err=(".*")$')
"""How some builds of kubectl complain: as a line of a log, the text as Go quotes it."""

_TOOLS = (("kustomize", "build"), ("kubectl", "kustomize"))


class KustomizeVisitor:
    """Visits what ``kustomize build DIRECTORY`` gives."""

    def __init__(self, directory: str, streamed: Streamed) -> None:
        self._directory = directory
        self._streamed = streamed

    async def visit(self, fn: VisitorFunc) -> None:
        """Build and read. Raises :class:`ManifestError` without a tool, or with its words."""
        built = await self._build()
        pieces = [built, b""]

        async def read() -> bytes:
            return pieces.pop(0) if pieces else b""

        await self._streamed(read, self._directory).visit(fn)

    async def _build(self) -> bytes:
        tool = next((tool for tool in _TOOLS if shutil.which(tool[0])), None)
        if tool is None:
            message = (
                "-k needs an installed kustomize or kubectl, and neither is on PATH: install "
                f"one of them, or build {self._directory} elsewhere and pass the result with -f"
            )
            raise ManifestError(message)
        process = await asyncio.create_subprocess_exec(
            *tool,
            self._directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            output, complaint = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise ManifestError(_reason(complaint) or f"{' '.join(tool)} failed")
        return output


def _reason(complaint: bytes) -> str:
    text = complaint.decode("utf-8", "replace").strip()
    if logged := _LOGGED.match(text):
        return str(json.loads(logged[1], strict=False))
    return text.removeprefix("Error: ").removeprefix("error: ")

"""grpcurl and ghz as they are: built by ``scripts/install-go-tools``, or found on PATH."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests import toolchains

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended and all that it printed."""

    code: int
    text: str


async def run(*command: str) -> Done:
    """Run a command to its end."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    printed, _ = await process.communicate()
    return Done(code=process.returncode or 0, text=printed.decode())


async def tool(name: str) -> str:
    """Return the path of a tool: the locked one where Go can build it, else one on PATH.

    Without either the test is skipped, or fails where Go is required.
    """
    found = shutil.which(name)
    if found and toolchains.fault("go"):
        return found
    toolchains.need("go")
    done = await run(str(ROOT / "scripts" / "install-go-tools"), name)
    assert done.code == 0, done.text
    return str(ROOT / ".cache" / "go" / "bin" / name)

"""grpcurl and ghz as they are: found on PATH, or built by ``scripts/install-go-tools``."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

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
    """Give the path of a tool, built by the script where Go is; skip where it cannot be."""
    found = shutil.which(name)
    if found:
        return found
    if shutil.which("go"):
        done = await run(str(ROOT / "scripts" / "install-go-tools"), name)
        assert done.code == 0, done.text
        return str(ROOT / ".cache" / "go" / "bin" / name)
    reason = f"no {name} and no go on PATH to build it with"
    if "go" in os.environ.get("PROTOCUBE_TEST_REQUIRE", "").split():
        pytest.fail(reason)
    pytest.skip(reason)

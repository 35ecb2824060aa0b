"""Runs cubectl beside the server of a test."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

CUBECTL = Path(sys.executable).with_name("cubectl")
FLEET = Path(__file__).parents[2] / "examples" / "fleet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a command has said, and its exit code."""

    code: int
    out: str
    err: str


async def run(address: str, *arguments: object, path: str = "") -> Ran:
    """Run cubectl with a server; ``path`` is where it finds programs, if not where we do."""
    environment = {**os.environ, "PROTOCUBE_SERVER": address, "PROTOCUBE_CONFIG": os.devnull}
    if path:
        environment["PATH"] = path
    process = await asyncio.create_subprocess_exec(
        str(CUBECTL),
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    out, err = await process.communicate()
    return Ran(code=process.returncode or 0, out=out.decode(), err=err.decode())

"""Runs commands of ``cubectl`` beside a server, both of the environment whose Python runs this.

``python walk.py FOLDER COMMANDS`` takes a JSON list of lists of words, and prints a JSON list of
what each command gave: ``[code, text]``. Nothing is on PATH, and FOLDER is home and where the
commands run.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from protocube_server import testing

_SECONDS = 60


async def _run(address: str, folder: str, words: list[str]) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("cubectl")), "--server", address, *words),
        cwd=folder,
        env={"PATH": folder, "HOME": folder},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(_SECONDS):
        printed, _ = await process.communicate()
    return process.returncode, printed.decode()


async def main(folder: str, commands: list[list[str]]) -> None:
    """Run the commands, one after the other."""
    async with testing.server() as address:
        given = [await _run(address, folder, words) for words in commands]
    sys.stdout.write(json.dumps(given))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))

"""The pages of docs/clients, followed to the letter in an empty folder."""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.clients.test_clients import LANGUAGES, ROOT, Language
from tests.server_process import started

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 600
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"`([\w/]+\.\w+)`:\s*\Z")

# Java's and Rust's copy a client that test_clients builds, which takes minutes.
PAGES = [language for language in LANGUAGES if language.name in {"go", "node", "python"}]


async def shell(commands: str, folder: Path) -> str:
    """Run commands as a shell does that stops at the first one that fails; give the output."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "-e", "-c", commands),
        cwd=folder,
        env={**os.environ, "PROTOCUBE": str(ROOT)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(_SECONDS):
        printed, _ = await process.communicate()
    assert process.returncode == 0, f"{commands}{printed.decode()}"
    return printed.decode()


async def follow(page: str, folder: Path) -> str:
    """Write the files that a page names, run its commands, and give what the last ones print."""
    printed = ""
    for fence in _FENCE.finditer(page):
        named = _NAMED.search(page[: fence.start()])
        if fence[1] == "sh":
            printed = await shell(fence[2], folder)
        elif named:
            (folder / named[1]).write_text(fence[2])
    return printed


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("language", PAGES, ids=lambda language: language.name)
async def test_a_page_can_be_followed(language: Language, tmp_path: Path) -> None:
    """In an empty folder, its files and commands make a client that finds the server."""
    language.need()
    page = (ROOT / "docs" / "clients" / f"{language.name}.md").read_text()
    folder = tmp_path / "inventory"
    folder.mkdir()
    flags = ("--listen", "127.0.0.1:0", "--store", f"sqlite:{tmp_path}/store.db")
    async with started(*flags) as process:
        said = await follow(page.replace("127.0.0.1:7443", await process.ready()), folder)
    told = re.search(
        r"created (inventory-\w+)\n"
        r"found here:.*spec\.containers.*"
        r"found there:.*spec\.containers.*"
        r"event (?:EVENT_TYPE_)?ADDED (\S+)\n",
        said,
        re.DOTALL,
    )
    assert told, said
    assert told[1] == told[2]

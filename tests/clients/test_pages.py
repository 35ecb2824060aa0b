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
_NAMED = re.compile(r"`([\w/]+\.\w+)`[^`\n]*:\s*\Z")

_TAGS = {"go": "go", "node": "ts", "java": "java", "python": "python", "rust": "rust"}
"""How code of a language is marked in its page; ``py`` is code of the Python client."""

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
    """Write the files that a page names, run its commands, and give all that they print."""
    printed = ""
    for fence in _FENCE.finditer(page):
        named = _NAMED.search(page[: fence.start()])
        if fence[1] == "sh":
            printed += await shell(fence[2], folder)
        elif named:
            (folder / named[1]).write_text(fence[2])
    return printed


def source(language: Language) -> str:
    """Return the lines of the whole client of a language, without their indentation."""
    files = (ROOT / "tests" / "clients" / language.name).rglob("*")
    return "".join(
        bare(file.read_text())
        for file in sorted(files)
        if file.suffix in {".go", ".ts", ".java", ".py", ".rs"}
    )


def bare(text: str) -> str:
    """Return the lines of a text without their indentation, and a line break before and after."""
    return "\n" + "".join(f"{line.strip()}\n" for line in text.splitlines())


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_what_a_page_shows_is_part_of_a_client(language: Language) -> None:
    """Code that is no file of its own stands in the client that is built and compared."""
    page = (ROOT / "docs" / "clients" / f"{language.name}.md").read_text()
    shown = [
        fence[2]
        for fence in _FENCE.finditer(page)
        if fence[1] == _TAGS[language.name] and not _NAMED.search(page[: fence.start()])
    ]
    for request in ("Patch", "Apply"):
        assert re.search(rf"{request}ConfigMapRequest|maps\.{request.lower()}\(", "".join(shown))
    whole = source(language)
    assert [code for code in shown if bare(code) not in whole] == []


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
    told = re.findall(
        r"created (inventory-\w+)\n"
        r"found here:.*?spec\.containers.*?"
        r"found there:.*?spec\.containers.*?"
        r"event (?:EVENT_TYPE_)?ADDED (\S+)\n",
        said,
        re.DOTALL,
    )
    programs = sum(1 for fence in _FENCE.finditer(page) if _NAMED.search(page[: fence.start()]))
    assert told, said
    for made, seen in told:
        assert made == seen
    # Go's second one lists what the first has made.
    assert len(told) + said.count("config maps: ") == programs

"""Definitions and their objects are backed up, exported, checked and shown as all others."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import pytest

from protocube_server import app
from protocube_server.storage import keys
from protocube_server.storage import url as urls
from tests.definitions.defining import NAME, Definer
from tests.server.store_commands import run

if TYPE_CHECKING:
    from pathlib import Path

    from protocube_server.settings import Settings


async def _fill(settings: Settings) -> None:
    async with app.running(settings) as running, Definer(running.address) as definer:
        await definer.define()
        caller = await definer.knowing()
        await caller.create(caller.make("machines", "a"))


async def _serves(settings: Settings) -> str:
    async with app.running(settings) as running, Definer(running.address) as definer:
        caller = await definer.knowing()
        return str((await caller.get("machines", "a")).spec.size)


async def _lose(settings: Settings) -> None:
    """Take the definition away around the servers."""
    opened = await urls.open_store(settings.store)
    await opened.store.delete(
        keys.absolute(opened.prefix, f"definitions.definitions.protocube.dev/{NAME}")
    )
    await opened.store.close()


@pytest.mark.parametrize("form", [(), ("--readable",)], ids=["compact", "readable"])
def test_a_store_with_kinds_of_its_own_is_sound(
    settings: Settings, tmp_path: Path, form: tuple[str, ...]
) -> None:
    """An export carries kinds and objects; objects without a definition stay, and are told."""
    asyncio.run(_fill(settings))
    sound = run("check", "--store", settings.store)
    assert sound.exit_code == 0, sound.output
    shown = run("show", "machines", "--store", settings.store)
    assert "example.v1.Machine" in shown.output
    target = tmp_path / "export.jsonl"
    assert run("export", target, *form, "--store", settings.store).exit_code == 0
    other = dataclasses.replace(settings, store=f"sqlite:{tmp_path}/other.db")
    imported = run("import", target, "--store", other.store)
    assert imported.exit_code == 0, imported.output
    assert asyncio.run(_serves(other)) == "small"
    asyncio.run(_lose(settings))
    lost = run("check", "--store", settings.store)
    assert lost.exit_code == 1
    assert "machines.example.com/default/a is of no kind that this program knows" in lost.output

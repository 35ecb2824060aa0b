"""Other keys while a server runs: the file that names them is read again when it changes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protocube_server import tasks
from protocube_server.storage.sealed import SealedStore
from protocube_server.storage.sealing import marks
from protocube_server.storage.sealing.following import FollowedSealing
from tests.logged import Logged
from tests.sealing import keyed
from tests.sealing.keyed import configured
from tests.sealing.test_server import put, sealing, stored
from tests.simulation.store import SimulatedStore, World

if TYPE_CHECKING:
    from pathlib import Path

SECRET = b"/r/secrets/default/a"
_SOON = 0.01


async def _mark(store: SealedStore, behind: SimulatedStore) -> str:
    """Write a value, and return with which key it lies in the store."""
    record = await store.get(SECRET)
    if record is None:
        await store.create(SECRET, b"value")
    else:
        assert (record.value, record.fault) == (b"value", "")
        await store.update(SECRET, b"value", expected=record.mod_revision)
    found = await behind.get(SECRET)
    assert found is not None
    mark = marks.read(found.value)
    return f"{mark.provider} {mark.key}" if mark is not None else "-"


async def test_other_keys_are_in_force_once_the_file_says_so(tmp_path: Path) -> None:
    """One that cannot be used is logged, and the keys in use stay."""
    file = configured(tmp_path / "keys.yaml", secrets=["aesgcm key1"])
    followed = FollowedSealing(file)
    behind = SimulatedStore(World())
    store = SealedStore(behind, "/r", followed.sealing)
    assert await _mark(store, behind) == "aesgcm key1"
    with Logged("protocube_server.followed_file") as logged:
        async with tasks.beside(followed.follow(every=_SOON)), asyncio.timeout(10):
            file.write_text("kind: EncryptionConfiguration\nsecret: c2VjcmV0LW1hcms=\n")
            await logged.event.wait()
            assert await _mark(store, behind) == "aesgcm key1"
            replaced = asyncio.ensure_future(followed.sealing.until_replaced())
            configured(file, secrets=["secretbox key2", "aesgcm key1"])
            await replaced
            assert await _mark(store, behind) == "secretbox key2"
    assert logged.lines[0].startswith(f"what was read before stays in use: {file}")
    assert "c2VjcmV0LW1hcms" not in str(logged.lines)


async def test_plugins_have_to_answer_first(tmp_path: Path) -> None:
    """Until a new one does, the keys in use stay; one that is known keeps what it knows."""
    socket = tmp_path / "kms.sock"
    file = configured(tmp_path / "keys.yaml", secrets=["aesgcm key1"])
    followed = FollowedSealing(file)
    behind = SimulatedStore(World())
    store = SealedStore(behind, "/r", followed.sealing)
    assert await _mark(store, behind) == "aesgcm key1"
    with Logged("protocube.server", "the keys that were read before stay in use") as logged:
        following = followed.follow(every=_SOON, again=_SOON)
        async with tasks.beside(following), asyncio.timeout(30):
            replaced = asyncio.ensure_future(followed.sealing.until_replaced())
            configured(file, secrets=[f"kms p {socket}", "aesgcm key1"])
            await logged.event.wait()
            assert "the key plugin p: Status failed: UNAVAILABLE" in logged.lines[0]
            assert await _mark(store, behind) == "aesgcm key1"
            async with keyed.serving(keyed.Plugin(), socket) as plugin:
                await replaced
                assert await _mark(store, behind) == "kms p"
                replaced = asyncio.ensure_future(followed.sealing.until_replaced())
                configured(file, secrets=[f"kms p {socket}", "aesgcm key1", "identity"])
                await replaced
                assert await _mark(store, behind) == "kms p"
                assert plugin.asked.count("Encrypt") == 1, "the plugin has made another seed"
    await store.close()


async def test_a_server_takes_other_keys(tmp_path: Path) -> None:
    """What is written after the change of the file is sealed with its first key."""
    url = f"sqlite:{tmp_path}/store.db"
    keys = configured(tmp_path / "keys.yaml", secrets=["aesgcm key1"])
    async with sealing(url, keys) as caller:
        await put(caller, "a")
        with Logged("protocube.server", "the keys of") as logged:
            configured(keys, secrets=["aesgcm key2 key1"])
            async with asyncio.timeout(30):
                await logged.event.wait()
        await put(caller, "b")
        assert (await caller.get("secret", "a", namespace="default")).metadata.name == "a"
    found = {key: marks.read(value) for key, value in (await stored(url)).items()}
    shown = {key: mark.key for key, mark in found.items() if mark is not None}
    assert shown == {"secrets/default/a": "key1", "secrets/default/b": "key2"}

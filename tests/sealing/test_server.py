"""A server whose secrets are sealed, the change of keys, and the commands that look after them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import sqlite3
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.settings import Settings
from protocube_server.storage import resealing
from protocube_server.storage import url as urls
from protocube_server.storage.sealing import configuration
from tests import etcd_process
from tests.sealing.keyed import configured
from tests.server.caller import OWN, Caller
from tests.server.store_commands import run

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

MARK = "c2VjcmV0LW1hcms="
"""``secret-mark``, the data of the secrets here, as JSON has it."""
PLAIN = b"secret-mark"
NAME, DEV = "a", {"namespace": "default"}


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Provide the URL of an empty store of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path}/store.db"
        return
    with etcd_process.running(tmp_path / "etcd") as etcd:
        yield f"etcd://{etcd.endpoint}"


@asynccontextmanager
async def sealing(store: str, keys: Path | None) -> AsyncGenerator[Caller, None]:
    """Start a server, and give its caller."""
    settings = Settings(listen="127.0.0.1:0", store=store, encryption=keys, grace=0.1)
    async with (
        app.running(settings) as running,
        Caller(running.address, Catalog.shipped(), OWN) as caller,
    ):
        yield caller


async def put(caller: Caller, name: str = NAME) -> Any:
    """Make a secret."""
    made = caller.make("secret", name, metadata=DEV, data={"password": MARK})
    return await caller.create(made)


async def stored(store: str, prefix: str = "secrets/") -> dict[str, bytes]:
    """Return what lies in a store, as it lies there."""
    opened = await urls.open_store(store)
    try:
        page = await opened.store.list(f"{opened.prefix}/{prefix}".encode())
        return {
            record.key.decode().removeprefix(f"{opened.prefix}/"): record.value
            for record in page.records
        }
    finally:
        await opened.store.close()


async def test_a_sealed_secret(store: str, tmp_path: Path) -> None:
    """Callers see no difference; what lies in the store begins as Kubernetes' does."""
    keys = configured(tmp_path / "keys.yaml", secrets=["aesgcm key1"])
    async with sealing(store, keys) as caller:
        async with aclosing(caller.watch("secrets")) as watch:
            made = await put(caller)
            response = await anext(watch)
            while not response.events:
                response = await anext(watch)
        assert response.events[0].object.data["password"] == PLAIN
        assert (await caller.get("secret", NAME, **DEV)).data["password"] == PLAIN
        for _ in range(2):
            (item,) = (await caller.list("secrets")).items
            assert item.data["password"] == PLAIN
        changed = await caller.patch("secret", NAME, merge_patch={"data": {"x": MARK}}, **DEV)
        again = await caller.patch("secret", NAME, merge_patch={"data": {"x": MARK}}, **DEV)
        assert changed.metadata.resource_version == again.metadata.resource_version
        assert made.metadata.resource_version != changed.metadata.resource_version
        await caller.create(caller.make("cm", "plain", data={"k": "v"}))
        await put(caller, "gone")
        await caller.delete("secret", "gone", request_id="once", **DEV)
        again = await caller.delete("secret", "gone", request_id="once", **DEV)
        assert again.data["password"] == PLAIN
    found = await stored(store, "")
    assert found["secrets/default/a"].startswith(b"k8s:enc:aesgcm:v1:key1:")
    assert b"ConfigMap" in found["configmaps/default/plain"]
    records = [value for key, value in found.items() if key.startswith("~system/requests/")]
    assert [value[:8] for value in records] == [b"k8s:enc:"]
    if store.startswith("sqlite:"):
        for suffix in ("", "-wal"):
            file = tmp_path / f"store.db{suffix}"
            assert not file.exists() or PLAIN not in file.read_bytes(), file


async def test_a_change_of_keys(store: str, tmp_path: Path) -> None:
    """The new key is put first, everything is sealed anew, and the old one is taken out."""
    old = configured(tmp_path / "old.yaml", secrets=["aesgcm key1"])
    both = configured(tmp_path / "both.yaml", secrets=["aesgcm key2 key1"])
    new = configured(tmp_path / "new.yaml", secrets=["aesgcm key2"])
    async with sealing(store, old) as caller:
        for name in "abc":
            await put(caller, name)
    async with sealing(store, both) as caller:
        kept = await caller.get("secret", "a", **DEV)
        # A write that changes nothing is one here: it brings the new key.
        patched = await caller.patch("secret", "a", merge_patch={}, **DEV)
        assert patched.metadata.resource_version != kept.metadata.resource_version
        patched = await caller.patch("secret", "a", merge_patch={}, **DEV)
        assert patched.metadata.resource_version != kept.metadata.resource_version
    marks = [value[:24] for value in (await stored(store)).values()]
    assert marks == [b"k8s:enc:aesgcm:v1:key2:" + marks[0][23:]] + [
        b"k8s:enc:aesgcm:v1:key1:" + mark[23:] for mark in marks[1:]
    ]
    words = ("--store", store, "--encryption-config")
    counted = await asyncio.to_thread(run, "keys", *words, both)
    rows = [line.split() for line in counted.output.splitlines()]
    assert ["secrets", "aesgcm", "key1", "2", "read"] in rows
    assert ["secrets", "aesgcm", "key2", "1", "write"] in rows
    done = await asyncio.to_thread(run, "reencrypt", *words, both)
    assert done.output == "2 values are sealed anew\n"
    done = await asyncio.to_thread(run, "reencrypt", *words, both)
    assert done.output == "0 values are sealed anew\n"
    async with sealing(store, new) as caller:
        assert len((await caller.list("secrets")).items) == 3


async def test_what_cannot_be_opened_is_left_out(store: str, tmp_path: Path) -> None:
    """One key that is missing is told with the objects it is of; everything else goes on."""
    first = configured(tmp_path / "first.yaml", secrets=["aesgcm key1"])
    second = configured(tmp_path / "second.yaml", secrets=["aesgcm key2"])
    async with sealing(store, first) as caller:
        await put(caller, "a")
    async with sealing(store, second) as caller:
        await put(caller, "b")
        why = (
            "the stored value of secrets/default/a cannot be opened: there is no such key: the key "
            '"key1" of aesgcm'
        )
        with pytest.raises(errors.Damaged) as refused:
            await caller.get("secret", "a", **DEV)
        assert refused.value.message == why
        request = caller.resource("secrets").request_class("List")()
        for _ in range(2):
            method = "/protocube.core.v1.Secrets/List"
            reply = await caller.send(method, request.SerializeToString())
            assert reply.warnings == (f"{why}: it is left out",)
            found: Any = caller.resource("secrets").list_class.FromString(reply.body)
            (item,) = found.items
            assert item.metadata.name == "b"
        with pytest.raises(errors.Damaged):
            await caller.patch("secret", "a", merge_patch={}, **DEV)
        await caller.create(caller.make("cm", "other"))
        await caller.delete("secret", "a", ignore_store_read_error=True, **DEV)
    async with sealing(store, None) as caller:
        with pytest.raises(errors.Damaged) as refused:
            await caller.get("secret", "b", **DEV)
        assert refused.value.message == (
            'the stored value of secrets/default/b is sealed with the key "key2" of aesgcm, and '
            "the server was started without --encryption-config"
        )


async def test_sealing_anew_beside_writers(tmp_path: Path) -> None:
    """No write is lost, however it falls together with others, and it can be interrupted."""
    url = f"sqlite:{tmp_path}/store.db"
    old = configured(tmp_path / "old.yaml", secrets=["aesgcm key1"])
    both = configured(tmp_path / "both.yaml", secrets=["secretbox key2", "aesgcm key1"])
    async with sealing(url, old) as caller:
        await asyncio.gather(*(put(caller, f"s{number:03}") for number in range(150)))
    settings = Settings(listen="127.0.0.1:0", store=url, encryption=both, grace=0.1)
    async with (
        app.running(settings) as running,
        Caller(running.address, Catalog.shipped(), OWN) as caller,
    ):
        behind: Any = running.api.store
        sealed = behind._store

        async def count(name: str) -> None:
            for number in range(4):
                patch = {"metadata": {"annotations": {"n": str(number)}}}
                await caller.patch("secret", name, merge_patch=patch, **DEV)

        counts = asyncio.gather(*(count(f"s{number:03}") for number in range(0, 150, 5)))
        begun = asyncio.create_task(resealing.reseal(sealed, "/registry", lambda _: None))
        await asyncio.sleep(0)
        begun.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await begun
        await resealing.reseal(sealed, "/registry", lambda _: None)
        await counts
        items = (await caller.list("secrets")).items
        counted = {item.metadata.name: item.metadata.annotations["n"] for item in items[::5]}
        assert set(counted.values()) == {"3"}
        done = await resealing.reseal(sealed, "/registry", lambda _: None)
    assert (done.written, done.faults) == (0, [])
    marks = {value[:26] for value in (await stored(url)).values()}
    assert marks == {b"k8s:enc:secretbox:v1:key2:"}


async def test_a_server_seals_anew(store: str, tmp_path: Path) -> None:
    """It does so beside its calls, once it leads."""
    keys = configured(tmp_path / "keys.yaml", secrets=["aesgcm key1", "identity"])
    async with sealing(store, None) as caller:
        await asyncio.gather(*(put(caller, f"s{number}") for number in range(5)))
    settings = Settings(listen="127.0.0.1:0", store=store, encryption=keys, grace=0.1)
    settings = dataclasses.replace(settings, reencrypt=True)
    async with (
        app.running(settings) as running,
        asyncio.timeout(20),
        Caller(running.address, Catalog.shipped(), OWN) as caller,
        aclosing(caller.watch("secrets")) as watch,
    ):
        stale = 5
        while stale:
            page = await running.api.store.list(b"/registry/secrets/")
            stale = sum(record.stale for record in page.records)
            if stale:
                await anext(watch)
    assert {value[:8] for value in (await stored(store)).values()} == {b"k8s:enc:"}


def _fill(store: str, keys: Path, *names: str) -> None:
    async def fill() -> None:
        async with sealing(store, keys) as caller:
            for name in names:
                await put(caller, name)

    asyncio.run(fill())


@pytest.fixture
def sqlite(tmp_path: Path) -> tuple[str, Path]:
    """Provide the URL of a store with a sealed secret, and the file of its key."""
    url = f"sqlite:{tmp_path}/store.db"
    keys = configured(tmp_path / "keys.yaml", secrets=["aesgcm key1"])
    _fill(url, keys, "a")
    return url, keys


def test_looking_at_a_sealed_store(sqlite: tuple[str, Path]) -> None:
    """With the keys objects are shown and checked; without them it is told how they are sealed."""
    url, keys = sqlite
    with_keys = ("--store", url, "--encryption-config", keys)
    shown = run("show", "secrets/", "--store", url)
    assert '(is sealed with the key "key1" of aesgcm (--encryption-config))' in shown.output
    assert "secret-mark" in run("show", "secrets/", *with_keys).output
    checked = run("check", "--store", url)
    assert '1 values are sealed with the key "key1" of aesgcm: not decoded' in checked.output
    assert checked.exit_code == 0
    checked = run("check", *with_keys)
    assert "sealed with" not in checked.output
    assert checked.exit_code == 0
    counted = run("keys", "--store", url).output.splitlines()
    assert counted[0].split() == ["RESOURCE", "PROVIDER", "KEY", "VALUES"]
    assert ["secrets", "aesgcm", "key1", "1"] in [line.split() for line in counted]


def test_a_damaged_value_is_found(sqlite: tuple[str, Path], tmp_path: Path) -> None:
    """A check names it, and sealing anew goes on behind it."""
    url, keys = sqlite
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute(
            "UPDATE history SET value = CAST(substr(value, 1, length(value) - 1) || x'00' AS BLOB) "
            "WHERE CAST(key AS TEXT) LIKE '%secrets%'"
        )
    connection.close()
    with_keys = ("--store", url, "--encryption-config", keys)
    why = (
        "the key key1 of aesgcm does not open it: another key had that name, or the value was "
        "changed or moved"
    )
    checked = run("check", *with_keys)
    assert f"wrong: secrets/default/a cannot be opened: {why}" in checked.output
    done = run("reencrypt", *with_keys)
    assert done.exit_code == 1
    assert done.output == (
        f"cannot be opened: secrets/default/a: {why}\n0 values are sealed anew\n"
    )


def test_an_export_needs_the_keys(sqlite: tuple[str, Path], tmp_path: Path) -> None:
    """It holds what is in the values; an import seals them with the keys that it is given."""
    url, keys = sqlite
    file, other = tmp_path / "all.jsonl", f"sqlite:{tmp_path}/other.db"
    refused = run("export", file, "--store", url)
    assert refused.exit_code == 1
    assert 'secrets/default/a is sealed with the key "key1" of aesgcm' in refused.output
    assert not file.exists()
    assert run("export", file, "--store", url, "--encryption-config", keys).exit_code == 0
    others = configured(tmp_path / "others.yaml", secrets=["secretbox key2"])
    done = run("import", file, "--store", other, "--encryption-config", others)
    assert done.exit_code == 0, done.output
    (value,) = asyncio.run(stored(other)).values()
    assert value.startswith(b"k8s:enc:secretbox:v1:key2:")


def test_a_backup_stays_sealed(sqlite: tuple[str, Path], tmp_path: Path) -> None:
    """It is put back only with the keys of what is in it."""
    url, keys = sqlite
    backup, place = tmp_path / "backup.db", f"sqlite:{tmp_path}/restored.db"
    assert run("backup", backup, "--store", url).exit_code == 0
    assert PLAIN not in backup.read_bytes()
    refused = run("restore", backup, "--store", place)
    assert refused.exit_code == 1
    assert refused.output == (
        f'error: {backup} has values sealed with the key "key1" of aesgcm (1): give their '
        "--encryption-config\n"
    )
    wrong = configured(tmp_path / "wrong.yaml", secrets=["aesgcm other"])
    wrong.write_text(wrong.read_text().replace("name: other", "name: key1"))
    refused = run("restore", backup, "--store", place, "--encryption-config", wrong)
    assert refused.exit_code == 1
    assert "secrets/default/a cannot be opened: the key key1 of aesgcm" in refused.output
    done = run("restore", backup, "--store", place, "--encryption-config", keys)
    assert done.exit_code == 0, done.output


def test_a_configuration_that_cannot_be_used(sqlite: tuple[str, Path], tmp_path: Path) -> None:
    """A command says so, and a server does not start."""
    url, _ = sqlite
    file = tmp_path / "wrong.yaml"
    file.write_text("kind: Policy\n")
    refused = run("show", "--store", url, "--encryption-config", file)
    wanted = (
        f'{file}:1: the encryption configuration has the kind "Policy", it must be '
        "EncryptionConfiguration"
    )
    assert refused.output == f"error: {wanted}\n"
    refused = run("reencrypt", "--store", url)
    assert refused.output == ("error: --encryption-config says what is to be sealed, and how\n")

    async def start() -> None:
        async with sealing(url, file):
            pass

    with pytest.raises(ValueError, match="it must be EncryptionConfiguration"):
        asyncio.run(start())
    assert configuration.read(sqlite[1]).of("secrets") is not None

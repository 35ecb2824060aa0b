"""The format of a store: who marks it, and who may not write to it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

import protocube
from protocube import errors
from protocube_server.storage import format as store_format
from protocube_server.storage import url as urls
from protocube_server.storage.format import FIRST, OURS, Format
from tests import etcd_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = b"/registry/~system/format"


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Provide the URL of an empty store of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path}/store.db"
        return
    with etcd_process.running(tmp_path / "etcd") as etcd:
        yield f"etcd://{etcd.endpoint}"


async def test_a_store_is_marked_once(url: str) -> None:
    """Of many who open it at once one writes the key; the others find what they wanted."""
    opened = await urls.open_store(url)
    await asyncio.gather(*(store_format.claim(opened.store, "/registry") for _ in range(20)))
    record = await opened.store.get(KEY)
    assert record is not None
    assert (record.value, record.version) == (b'{"format":2,"least_version":"0.2.0"}', 1)
    assert await store_format.read(opened.store, "/registry") == OURS
    await opened.store.close()


async def test_a_store_without_the_key_is_of_the_first_format(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """With objects in it, the log says who must not use it any more; an empty one is nobody's."""
    opened = await urls.open_store(url)
    await opened.store.create(b"/registry/pods/default/web", b"")
    assert await store_format.read(opened.store, "/registry") == FIRST
    await store_format.claim(opened.store, "/registry")
    assert "servers before 0.2.0 must not use it any more" in caplog.text
    caplog.clear()
    await store_format.claim(opened.store, "/another")
    assert caplog.text == ""
    await opened.store.close()


@pytest.mark.parametrize(
    ("number", "least_version"),
    [(OURS.number + 1, "9.0.0"), (OURS.number + 1, protocube.__version__), (OURS.number, "9.0.0")],
)
async def test_a_newer_store_is_left_alone(url: str, number: int, least_version: str) -> None:
    """A format that is not known, or that a newer version alone may write, is named and kept."""
    opened = await urls.open_store(url)
    value = store_format.encode(Format(number=number, least_version=least_version))
    await opened.store.create(KEY, value)
    with pytest.raises(store_format.TooNew) as raised:
        await store_format.claim(opened.store, "/registry")
    said = str(raised.value)
    assert f"format {number}, which versions from {least_version} on may write" in said
    assert f"this is version {protocube.__version__}, which knows formats up to 2" in said
    record = await opened.store.get(KEY)
    assert record is not None
    assert (record.value, record.version) == (value, 1)
    await opened.store.close()


async def test_an_older_mark_is_replaced(url: str) -> None:
    """What the store holds from now on decides, and a mark is never made weaker."""
    opened = await urls.open_store(url)
    await opened.store.create(KEY, store_format.encode(Format(number=1, least_version="0.1.0")))
    await store_format.claim(opened.store, "/registry")
    assert await store_format.read(opened.store, "/registry") == OURS
    stronger = Format(number=OURS.number, least_version=f"{protocube.__version__}.0.0")
    await store_format.claim(opened.store, "/registry", holding=FIRST)
    assert await store_format.read(opened.store, "/registry") == OURS
    record = await opened.store.get(KEY)
    assert record is not None
    await opened.store.update(KEY, store_format.encode(stronger), expected=record.mod_revision)
    await store_format.claim(opened.store, "/registry")
    assert await store_format.read(opened.store, "/registry") == stronger
    await opened.store.close()


@pytest.mark.parametrize("value", [b"", b"2", b"[]", b'{"format":2}', b'{"format":"x"}', b"\xff"])
def test_a_mark_that_cannot_be_read_is_no_leave(value: bytes) -> None:
    """It may say that we must not write."""
    with pytest.raises(errors.Internal, match="the store's format cannot be read"):
        store_format.parse(value)


def test_versions_are_compared_by_their_numbers() -> None:
    """0.10 is after 0.2, and what stands behind the numbers does not count."""
    release = store_format._release
    assert release("0.1.9") < release("0.2.0") < release("0.10.0") < release("1.0")
    assert release("0.2") == release("0.2.0") == release("0.2.0.dev1")
    with pytest.raises(ValueError, match="'next' is no version"):
        release("next")

"""The URL of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.etcd import Security
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.storage.url import EtcdLocation, Location, SqliteLocation, open_store, parse

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("sqlite:/var/lib/cube.db", SqliteLocation(path="/var/lib/cube.db")),
        ("sqlite:cube.db", SqliteLocation(path="cube.db")),
        ("sqlite:~/cube.db", SqliteLocation(path="~/cube.db")),
        ("sqlite:a:b?c#d", SqliteLocation(path="a:b?c#d")),
        ("etcd://127.0.0.1:2379", EtcdLocation(endpoints=("127.0.0.1:2379",))),
        ("etcd://a:1,b:2,c:3", EtcdLocation(endpoints=("a:1", "b:2", "c:3"))),
        ("etcd://[::1]:2379", EtcdLocation(endpoints=("[::1]:2379",))),
        ("etcd://a:1/", EtcdLocation(endpoints=("a:1",))),
        ("etcd://a:1/cube", EtcdLocation(endpoints=("a:1",), prefix="/cube")),
        ("etcd://a:1,b:2/my/cube/", EtcdLocation(endpoints=("a:1", "b:2"), prefix="/my/cube")),
    ],
)
def test_a_url_that_is_right(url: str, location: Location) -> None:
    """Both forms are read, with the usual prefix unless another is given."""
    assert parse(url) == location


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "a store is sqlite:PATH, sqlite::memory: or etcd://"),
        ("/var/lib/cube.db", "a store is sqlite:PATH, sqlite::memory: or etcd://"),
        ("postgres://a:1", "a store is sqlite:PATH, sqlite::memory: or etcd://"),
        ("etcd", "a store is sqlite:PATH, sqlite::memory: or etcd://"),
        ("sqlite:", "names no file"),
        ("sqlite:a\0b", "null byte"),
        ("etcd:127.0.0.1:2379", "followed by //"),
        ("etcd://", "names no host"),
        ("etcd://a:1,", "names no host"),
        ("etcd://a", 'a" is not HOST:PORT'),
        ("etcd://:1", "is not HOST:PORT"),
        ("etcd://[::1]", "is not HOST:PORT"),
        ("etcd://::1:2379", "IPv6"),
        ("etcd://a:b", '"b" is not a port'),
        ("etcd://a:", '"" is not a port'),
        ("etcd://a:0", '"0" is not a port'),
        ("etcd://a:65536", '"65536" is not a port'),
        ("etcd://user:secret@a:1", "--etcd-user"),
        ("etcd://a:1//cube", "empty part"),
        ("etcd://a:1/../cube", "a dot for one"),
    ],
)
def test_a_url_that_is_wrong(url: str, why: str) -> None:
    """The error quotes the URL, but for a password in it, and says what is wrong with it."""
    with pytest.raises(errors.BadRequest) as caught:
        parse(url)
    told = url.replace("user:secret@", "...@")
    assert str(caught.value).startswith(f"invalid store {errors.quote(told)}: ")
    assert why in str(caught.value)


async def test_opening_a_file(tmp_path: Path) -> None:
    """A SQLite URL gives an opened store and the usual prefix."""
    opened = await open_store(f"sqlite:{tmp_path / 'store.db'}")
    assert isinstance(opened.store, SqliteStore)
    assert opened.prefix == "/registry"
    await opened.store.create(b"/registry/pods/default/a", b"one")
    await opened.store.close()


async def test_a_file_takes_no_user(tmp_path: Path) -> None:
    """Who asks for etcd's user or TLS and names a file is told, not served without them."""
    path = tmp_path / "store.db"
    with pytest.raises(errors.BadRequest, match="--etcd-"):
        await open_store(f"sqlite:{path}", Security(user="cube"))
    assert not path.exists()

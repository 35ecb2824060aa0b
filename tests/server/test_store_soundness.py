"""``store check`` names what is not understood of an object, by key and field."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.pod_pb2 import Pod
from protocube_server.kinds import varints
from protocube_server.storage import url as urls
from tests import etcd_process
from tests.server.store_commands import config_map, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_UNKNOWN = 1999


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of an empty store of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path}/store.db"
        return
    with etcd_process.running(tmp_path / "etcd") as etcd:
        yield f"etcd://{etcd.endpoint}"


async def _put(url: str, values: Mapping[bytes, bytes]) -> None:
    opened = await urls.open_store(url)
    for key, value in values.items():
        await opened.store.create(f"{opened.prefix}/".encode() + key, value)
    await opened.store.close()


def _pod(name: str, spec: bytes) -> bytes:
    """Return a stored Pod with this spec, whatever its bytes mean."""
    pod = Pod(api_version="v1", kind="Pod")
    pod.metadata.name, pod.metadata.namespace = name, "default"
    return pod.SerializeToString(deterministic=True) + _field(pod, "spec", spec)


def _field(message: Any, name: str, value: bytes | int) -> bytes:
    """Return a field with a value of this wire type."""
    number = message.DESCRIPTOR.fields_by_name[name].number
    if isinstance(value, int):
        return varints.encode(number << 3) + varints.encode(value)
    return varints.encode(number << 3 | 2) + varints.encode(len(value)) + value


def test_what_no_read_gives_back_is_named(url: str) -> None:
    """A field of another type, one that is gone, and an object that is not its key's; each once.

    All of these decode, and the objects read as if the fields had never been set.
    """
    container = _field(Pod().spec.containers.add(), "name", 7)
    values = {
        b"pods/default/typed": _pod("typed", _field(Pod().spec, "node_name", 7)),
        b"pods/default/list": _pod("list", _field(Pod().spec, "containers", container)),
        b"pods/default/gone": _pod("gone", varints.encode(_UNKNOWN << 3) + b"\x01"),
        b"pods/default/sound": _pod("sound", b""),
        b"pods/default/moved": _pod("other", b""),
        b"configmaps/default/kind": _pod("kind", b""),
        b"configmaps/default/garbage": b"\xff\xff",
        b"configmaps/default/empty": b"",
        b"configmaps/default/a/b": config_map("b"),
        b"configmaps/default/\xff": config_map("b"),
        b"configmaps/a": config_map("a"),
        b"configmaps/default/a": config_map("a"),
    }
    asyncio.run(_put(url, values))
    result = run("check", "--store", url)
    assert result.exit_code == 1
    wrong = [line for line in result.output.splitlines() if line.startswith("wrong: ")]
    assert sorted(wrong) == [
        "wrong: configmaps/a is no key of this program",
        "wrong: configmaps/default/\\xff is no key of this program",
        "wrong: configmaps/default/a/b is no key of this program",
        f"wrong: configmaps/default/empty is not a {ConfigMap.DESCRIPTOR.full_name}",
        f"wrong: configmaps/default/garbage is not a {ConfigMap.DESCRIPTOR.full_name}",
        "wrong: configmaps/default/kind holds v1 Pod default kind",
        f"wrong: pods/default/gone has an unknown field spec.#{_UNKNOWN}",
        (
            "wrong: pods/default/list has a number in spec.containers[0].name, "
            "which is of another type"
        ),
        "wrong: pods/default/moved holds v1 Pod default other",
        "wrong: pods/default/typed has a number in spec.nodeName, which is of another type",
    ]


def test_a_key_is_deleted(url: str) -> None:
    """What is damaged or not ours, by the name that check has for it; the rest with --force."""
    keys = ("configmaps/default/bad", "configmaps/default/\\xff", "stray", "~system/format")
    asyncio.run(
        _put(
            url,
            {
                b"configmaps/default/bad": b"\xff",
                b"configmaps/default/\xff": b"",
                b"stray": b"",
                b"~system/format": b"{",
                b"configmaps/default/a": config_map("a"),
            },
        )
    )
    for key in keys:
        result = run("delete", key, "--store", url)
        assert (result.exit_code, result.output.rpartition(" ")[0]) == (
            0,
            f"deleted {key} at revision",
        )
        assert run("delete", key, "--store", url).exit_code == 1
    assert run("check", "--store", url).exit_code == 0
    result = run("delete", "configmaps/default/a", "--store", url)
    assert result.exit_code == 1
    assert "is sound" in result.output
    assert run("delete", "configmaps/default/a", "--force", "--store", url).exit_code == 0
    assert "0 objects" in run("check", "--store", url).output

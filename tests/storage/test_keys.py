"""Keys: built and read in one place, so that nothing reaches what is another's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import protocube_server
from protocube import errors
from protocube_server.storage import keys


@pytest.mark.parametrize("prefix", ["/registry", "/a/b"])
@pytest.mark.parametrize(
    "key", [("pods", "default", "web"), ("nodes", "", "one"), ("a.b", "c", "~")]
)
def test_the_parts_of_an_object_key(prefix: str, key: tuple[str, str, str]) -> None:
    """What a key was built of is read from it again."""
    resource, namespace, name = key
    built = keys.for_object(prefix, resource, namespace, name)
    assert keys.parse(prefix, built) == keys.ObjectKey(
        resource=resource, namespace=namespace, name=name
    )
    root = keys.root(prefix)
    assert keys.collection_of(root, built) == keys.for_collection(prefix, resource)
    assert not keys.is_system(root, built)
    assert keys.absolute(prefix, keys.relative(prefix, built)) == built


@pytest.mark.parametrize("segments", [(), ("one",), ("one", "two", "three")])
def test_the_parts_of_a_system_key(segments: tuple[str, ...]) -> None:
    """An entry of the server's own is one, whatever follows its area, and in no collection."""
    built = keys.system("/registry", keys.Area.REQUESTS, *segments)
    assert built.startswith(b"/registry/~system/requests")
    assert keys.parse("/registry", built) == keys.SystemKey(area="requests", segments=segments)
    assert keys.is_system(b"/registry/", built)
    assert keys.collection_of(b"/registry/", built) is None


@pytest.mark.parametrize(
    "key",
    [
        b"/registry",
        b"/registry/",
        b"/registry/compaction",
        b"/registry/pods/",
        b"/registry/pods//web",
        b"/registry/pods/a/b/c",
        b"/registry/pods/default/\xff",
        b"/registry/~system",
        b"/registry/~system/",
        b"/registry-too/pods/default/web",
        b"/elsewhere/pods/default/web",
        b"",
    ],
)
def test_what_is_no_key_of_ours(key: bytes) -> None:
    """Keys that are never built are read as none."""
    assert keys.parse("/registry", key) is None


@pytest.mark.parametrize("key", [b"/registry-too/pods/a", b"/elsewhere/pods/a", b"/registry/one"])
def test_what_is_in_no_collection(key: bytes) -> None:
    """Another prefix, also one that begins like ours, and what lies directly below ours."""
    assert keys.collection_of(b"/registry/", key) is None


@pytest.mark.parametrize("text", ["", ".", "..", "a/b", "a\0b"])
def test_what_would_reach_another_key(text: str) -> None:
    """A name, a segment of an entry and a resource are one path segment each."""
    with pytest.raises(errors.BadRequest, match="one path segment"):
        keys.for_object("/registry", "pods", "default", text)
    with pytest.raises(errors.BadRequest, match="one path segment"):
        keys.system("/registry", keys.Area.REQUESTS, text)
    with pytest.raises(ValueError, match="cannot name a resource"):
        keys.require_resource(text)


def test_no_other_module_builds_keys() -> None:
    """The separator behind the prefix is written in one module of the server."""
    root = Path(protocube_server.__file__).parent
    building = [
        path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*.py"))
        if re.search(r"prefix\}?/", path.read_text())
    ]
    assert building == ["storage/keys.py"]


@pytest.mark.parametrize(
    ("names", "namespaced", "is_one"),
    [
        (b"default/a", True, True),
        ("default/é".encode(), True, True),
        (b"a", False, True),
        (b"a", True, False),
        (b"default/a", False, False),
        (b"", False, False),
        (b"", True, False),
        (b"/a", True, False),
        (b"default/", True, False),
        (b"default//a", True, False),
        (b"default/a/", True, False),
        (b"default/a/b", True, False),
        (b"default/\xff", True, False),
        (b"\xff", False, False),
    ],
)
def test_what_is_below_a_kind_and_no_objects(
    names: bytes, *, namespaced: bool, is_one: bool
) -> None:
    """Another depth, an empty name, no UTF-8."""
    collection = keys.for_collection("/registry", "pods")
    assert keys.is_in_collection(collection, collection + names, namespaced=namespaced) is is_one
    assert not keys.is_in_collection(b"/registry/pod/", collection + names, namespaced=namespaced)

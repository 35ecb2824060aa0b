"""The resource version, put into stored bytes without parsing them."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocube.catalog import Catalog
from protocube_server.kinds import splice, varints

_TEXTS = st.text(max_size=150)
_REVISIONS = st.integers(min_value=1, max_value=2**63 - 1)
_SIZES = st.integers(min_value=0, max_value=20_000)
_METADATA = st.fixed_dictionaries(
    {},
    optional={
        "name": _TEXTS,
        "namespace": _TEXTS,
        "uid": _TEXTS,
        "generation": st.integers(min_value=0, max_value=2**63 - 1),
        "labels": st.dictionaries(_TEXTS, _TEXTS, max_size=5),
        "annotations": st.dictionaries(_TEXTS, _SIZES.map("x".__mul__), max_size=2),
        "finalizers": st.lists(_TEXTS, max_size=3),
    },
)


def _class() -> Any:
    resource = Catalog.shipped().find("configmaps")
    assert resource is not None
    return resource.message_class


@given(metadata=_METADATA, data=st.dictionaries(_TEXTS, _TEXTS), head=_TEXTS, revision=_REVISIONS)
def test_is_what_parsing_and_setting_would_give(
    metadata: dict[str, Any], data: dict[str, str], head: str, revision: int
) -> None:
    """The spliced bytes mean the object with its version, and carry ``metadata`` once."""
    message = _class()(api_version=head, kind=head, metadata=metadata, data=data)
    message.metadata.SetInParent()
    stored = message.SerializeToString(deterministic=True)
    spliced = splice.with_version(stored, revision)
    message.metadata.resource_version = str(revision)
    assert _class().FromString(spliced) == message
    assert len(spliced) == len(message.SerializeToString())


@given(
    metadata=_METADATA, data=st.dictionaries(_TEXTS, _SIZES.map("x".__mul__)), named=st.booleans()
)
def test_the_head_is_the_object_without_the_rest(
    metadata: dict[str, Any], data: dict[str, str], *, named: bool
) -> None:
    """Framed or not, and of whatever sizes, type and metadata are left of it."""
    message = _class()(api_version="v1", kind="ConfigMap" if named else "", metadata=metadata)
    message.metadata.SetInParent()
    wanted = message.SerializeToString(deterministic=True)
    message.data.update(data)
    whole = message.SerializeToString(deterministic=True)
    assert splice.head(whole) == wanted
    item = splice.framed(0x22, whole)
    assert splice.item_head(item, splice.names("v1", "ConfigMap")) == splice.framed(0x22, wanted)


@given(st.binary(max_size=64), _REVISIONS)
def test_any_bytes_are_spliced_or_refused(value: bytes, revision: int) -> None:
    """Damaged bytes are a ValueError and never anything else."""
    with contextlib.suppress(ValueError):
        splice.with_version(value, revision)


def test_every_truncation_within_the_head_is_refused() -> None:
    """A value that ends before its metadata does is not an object."""
    message = _class()(api_version="v1", kind="ConfigMap", metadata={"name": "a" * 200})
    stored = message.SerializeToString()
    for length in range(len(stored)):
        with pytest.raises(ValueError, match="the value ends"):
            splice.with_version(stored[:length], 5)


@pytest.mark.parametrize("value", [b"\x22\x00", b"\x0a\x01a\x0a\x01b\x22\x01x", b"garbage"])
def test_a_value_without_metadata_is_refused(value: bytes) -> None:
    """What has something else where metadata belongs was not written by this server."""
    with pytest.raises(ValueError, match="no metadata where a stored object has it"):
        splice.with_version(value, 5)


@given(st.integers(min_value=0, max_value=2**64))
def test_varints_are_protobufs(number: int) -> None:
    """Seven bits a byte, the lowest first, the top bit on all but the last."""
    encoded = varints.encode(number)
    assert sum((byte & 0x7F) << 7 * index for index, byte in enumerate(encoded)) == number
    assert [bool(byte & 0x80) for byte in encoded] == [True] * (len(encoded) - 1) + [False]


@given(st.binary(max_size=20_000))
def test_frames_are_fields(body: bytes) -> None:
    """A framed body is a length-delimited field of the tag."""
    assert splice.framed(0x22, body) == b"\x22" + varints.encode(len(body)) + body

"""What the server keeps in front of a stored message."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocube.catalog import Catalog
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_server.kinds import kept, splice

_KEPT = st.binary(max_size=400)


def _body(name: str) -> bytes:
    message = ConfigMap(api_version="v1", kind="ConfigMap")
    message.metadata.name = name
    return message.SerializeToString(deterministic=True)


@given(_KEPT, st.text(max_size=40))
def test_it_comes_off_as_it_was_put_on(data: bytes, name: str) -> None:
    """The message and what is kept with it are told apart, whatever both are."""
    body = _body(name)
    value = kept.with_message(data, body)
    assert kept.read(value) == data
    assert kept.message(value) == body
    assert (value == body) is (not data)


@given(_KEPT, st.text(max_size=40))
def test_any_protobuf_parser_skips_it(data: bytes, name: str) -> None:
    """A value is still the message, with one unknown field."""
    body = _body(name)
    message = ConfigMap.FromString(kept.with_message(data, body))
    message.DiscardUnknownFields()
    assert message == ConfigMap.FromString(body)


@given(_KEPT.filter(bool), st.integers(min_value=1, max_value=2**62))
def test_an_answer_is_without_it(data: bytes, revision: int) -> None:
    """The version is spliced into the message alone."""
    body = _body("web")
    spliced = splice.with_version(kept.with_message(data, body), revision)
    assert spliced == splice.with_version(body, revision)


@given(st.binary(max_size=64))
def test_damaged_bytes_are_refused_or_read(tail: bytes) -> None:
    """Bytes that begin as if something were kept are a ValueError and never anything else."""
    for head in (kept.TAG, kept.TAG[:1], kept.TAG[:2], b""):
        with contextlib.suppress(ValueError):
            kept.read(head + tail)


def test_a_length_beyond_the_value_is_refused() -> None:
    """A value that was cut off is damaged, not an object without its beginning."""
    whole = kept.with_message(b"x" * 300, b"")
    for end in range(1, len(whole)):
        with pytest.raises(ValueError, match="the value"):
            kept.message(whole[:end])


def test_no_object_begins_as_it_does() -> None:
    """The first byte tells: objects begin with their first field, and no schema has this number."""
    assert _body("a")[0] != kept.FIRST
    assert 19000 <= kept.NUMBER <= 19999
    for resource in Catalog.shipped().resources:
        assert kept.NUMBER not in resource.descriptor.fields_by_number

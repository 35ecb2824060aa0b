"""Integers of free JSON beyond 2^53, which a double does not hold."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import struct_pb2

from protocube.apps.v1 import controller_revision_pb2
from protocube.manifests import encode, wide_integers
from protocube.manifests.decode import decode
from protocube_server.kinds import unknown

_MOST = 2**63 - 1
_WIDE = 2**53 + 1


def _decoded(data: dict[str, Any]) -> Any:
    message = controller_revision_pb2.ControllerRevision()
    decode({"data": data}, message)
    return message


@pytest.mark.parametrize(
    "value",
    [_WIDE, -_WIDE, _MOST, -_MOST, -(2**63), 2**53, 2**53 + 2, 2**60 - 1, 7, 0, 2.5, 2.0**60],
)
def test_an_integer_of_64_bits_keeps_its_digits(value: float) -> None:
    """At any depth, and over the wire, as in Kubernetes."""
    message = _decoded({"a": value, "b": [{"c": value}], "d": {"e": [[value]]}})
    again = type(message).FromString(message.SerializeToString())
    shown = encode.data(again)["data"]
    assert shown == {"a": value, "b": [{"c": value}], "d": {"e": [[value]]}}
    assert type(shown["a"]) is (int if float(value).is_integer() else float)


def test_beyond_64_bits_a_number_is_a_double() -> None:
    """Kubernetes' decoder makes one of it, too."""
    shown = encode.data(_decoded({"a": 2**64 + 1, "b": -(2**70)}))["data"]
    assert shown == {"a": 2.0**64, "b": -(2.0**70)}
    assert type(shown["a"]) is float


def test_others_see_the_nearest_double() -> None:
    """And the digits no longer count once another number is set, or another type of value."""
    value = _decoded({"a": _WIDE}).data.fields["a"]
    assert value.number_value == 2.0**53
    value.number_value = 2.0**53 + 4
    assert wide_integers.read(value) is None
    value.string_value = "x"
    assert wide_integers.read(value) is None


@pytest.mark.parametrize(
    "kept",
    [
        b"\xe8\xc2\x09\x05",  # an integer that is far from the double
        b"\xea\xc2\x09\x01x",  # a text
        b"\xe8\xc2\x09\x81\x80\x80\x80\x80\x80\x80\x10" * 2,  # the integer, twice
        b"\xe8\xc2\x09\x80\x80\x80\x80\x80\x80\x80\x10",  # what the double says anyway
    ],
)
def test_what_does_not_fit_the_double_is_an_unknown_field(kept: bytes) -> None:
    """It is named as any other, and taken out."""
    message = _decoded({"a": 2**53})
    message.data.fields["a"].MergeFromString(kept)
    assert encode.data(message)["data"] == {"a": 2**53}
    assert [path for path in unknown.paths(message) if path] == ["data.fields[a].#19501"]


def test_taking_out_unknown_fields_leaves_the_integers() -> None:
    """Beside unknown fields of all kinds."""
    message = _decoded({"a": _WIDE, "b": {"c": [_MOST, 1]}})
    wanted = type(message).FromString(message.SerializeToString())
    message.MergeFromString(b"\xfa\x01\x01?")
    message.data.fields["b"].MergeFromString(b"\xfa\x01\x01?")
    before = type(message).FromString(message.SerializeToString())
    dropped = unknown.discard(message)
    kept = sum(size for size in unknown.keep_integers(before, message) if size is not None)
    assert message == wanted
    assert dropped - kept == len(before.SerializeToString()) - len(wanted.SerializeToString())


def test_a_value_of_its_own_keeps_it_too() -> None:
    """What holds no other value is the message itself."""
    value = struct_pb2.Value()
    wide_integers.write(_WIDE, value)
    assert wide_integers.read(struct_pb2.Value.FromString(value.SerializeToString())) == _WIDE

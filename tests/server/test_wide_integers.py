"""Integers of free JSON that no double holds: every verb keeps their digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.manifests import encode
from protocube.manifests.decode import decode

if TYPE_CHECKING:
    from tests.server.caller import Caller

_WIDE = 2**53 + 1
_WORD = "controllerrevisions"


def _revision(api: Caller, **data: Any) -> Any:
    message = api.make(_WORD, "a")
    decode({"revision": 1, "data": data}, message)
    return message


def _data(message: Any) -> Any:
    return encode.data(message)["data"]


async def test_they_go_through_every_verb(api: Caller) -> None:
    """As they went in, though data of a revision is never changed."""
    made = await api.create(_revision(api, a=_WIDE, b=[{"c": -_WIDE}]))
    assert _data(made) == {"a": _WIDE, "b": [{"c": -_WIDE}]}
    assert _data(await api.get(_WORD, "a")) == _data(made)
    made.revision = 2
    assert _data(await api.update(made)) == _data(made)
    patches: tuple[dict[str, Any], ...] = (
        {"json_patch": [{"op": "test", "path": "/data/a", "value": _WIDE}]},
        {"merge_patch": {"revision": 3}},
        {"strategic_merge_patch": {"revision": 4, "data": {"a": _WIDE}}},
    )
    for patch in patches:
        assert _data(await api.patch(_WORD, "a", **patch)) == _data(made)
    manifest = {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {"name": "a"}}
    applied = await api.apply({**manifest, "revision": 5, "data": _data(made)}, force=True)
    assert (applied.revision, _data(applied)) == (5, _data(made))


async def test_another_integer_with_the_same_double_is_a_change(api: Caller) -> None:
    """Which the data of a revision refuses."""
    made = await api.create(_revision(api, a=_WIDE))
    with pytest.raises(errors.Invalid, match="field is immutable"):
        await api.update(_revision(api, a=_WIDE - 1))
    assert await api.get(_WORD, "a") == made


async def test_they_are_no_unknown_fields_and_what_is_beside_them_is(api: Caller) -> None:
    """A strict call that has both names the others alone, and many of them are not too many."""
    message = _revision(api, many=[_WIDE] * 5000)
    message.data.fields["a"].MergeFromString(b"\xfa\x01\x01?")
    with pytest.raises(errors.BadRequest, match=r'error: unknown field "data.fields\[a\].#31"$'):
        await api.create(message)
    message.data.fields["a"].DiscardUnknownFields()
    message.data.fields["a"].string_value = "x"
    assert _data(await api.create(message)) == {"a": "x", "many": [_WIDE] * 5000}

"""Members that stand twice in one object are found in JSON text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocube.manifests import json_values, repeated_names

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ('{"data": {"k": "1", "k": "2", "k": "3"}}', ("data.k",)),
        ('{"a": 1, "spec": {"ports": [{}, {"name": "x", "name": "y"}]}, "a": 2}', None),
        ('[{"op": "add", "op": "test"}]', ("[0].op",)),
        ('{"a": {"x": 1, "x": 2}, "a": {"y": 1, "y": 2}}', ("a", "a.y")),
        ("7", ()),
    ],
)
def test_each_is_named_once_by_its_path(text: str, paths: tuple[str, ...] | None) -> None:
    """Outer ones come first, then those in the order of the text."""
    wanted = ("a", "spec.ports[1].name") if paths is None else paths
    assert json_values.parse_whole(text).repeated == wanted


@given(_JSON)
def test_text_without_them_has_none(value: Any) -> None:
    """What a JSON encoder writes repeats nothing."""
    assert json_values.parse_whole(json.dumps(value)).repeated == ()


def test_no_more_are_named_than_kubernetes_names() -> None:
    """A text of nothing else does not make an answer of its own size."""
    text = "[" + ",".join(['{"a": 1, "a": 2}'] * (repeated_names.MOST + 5)) + "]"
    assert len(json_values.parse_whole(text).repeated) == repeated_names.MOST


def test_what_is_repeated_is_known_beside_what_no_text_holds() -> None:
    """Half of a surrogate pair is replaced, in names that are repeated, too."""
    found = json_values.parse_whole(r'[{"\ud800": 1, "\ud800": 2}, {"a": "\ud800"}]')
    assert found.plain == [{"\ufffd": 2}, {"a": "\ufffd"}]
    assert found.value[0].names == ("\ufffd",)
    assert found.repeated == ("[0].\ufffd",)
    assert {type(item) for item in found.plain} == {dict}

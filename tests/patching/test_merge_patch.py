"""JSON merge patch: RFC 7386, with what Kubernetes does beyond it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocube import errors
from protocube.patching import merge_patch

_NAMES = st.sampled_from("abc")
_SCALARS = st.booleans() | st.integers(0, 3) | st.sampled_from("xy")
_LISTS = st.lists(_SCALARS, max_size=2)
_DOCUMENTS = st.recursive(
    _SCALARS | _LISTS, lambda inner: st.dictionaries(_NAMES, inner), max_leaves=10
)
_PATCHES = st.recursive(
    _SCALARS | _LISTS | st.none(), lambda inner: st.dictionaries(_NAMES, inner), max_leaves=10
)
_DOCUMENT = st.dictionaries(_NAMES, _DOCUMENTS)
_PATCH = st.dictionaries(_NAMES, _PATCHES)


@pytest.mark.parametrize(
    ("document", "patch", "wanted"),
    [
        # The examples of the RFC that are about objects.
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        # Kubernetes' own.
        ({}, {"a": [None, {"b": None}]}, {"a": [None, {}]}),
        ({"a": {"b": 1}}, {"a": [{"b": None}]}, {"a": [{"b": None}]}),
        ({"a": {"b": 1}}, {"a": {"$patch": "replace"}}, {"a": {"b": 1, "$patch": "replace"}}),
    ],
)
def test_objects_merge_and_all_else_is_replaced(
    document: dict[str, Any], patch: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """Null removes; within what is new, it is dropped."""
    assert merge_patch.apply(document, patch) == wanted


@given(_DOCUMENT, _PATCH)
def test_a_patch_that_was_applied_changes_nothing_more(document: Any, patch: Any) -> None:
    """It is idempotent."""
    once = merge_patch.apply(document, patch)
    assert merge_patch.apply(once, patch) == once


@given(_DOCUMENT)
def test_a_document_without_nulls_is_the_patch_that_makes_it(document: Any) -> None:
    """Of nothing, and of itself."""
    assert merge_patch.apply({}, document) == document
    assert merge_patch.apply(document, document) == document


@given(_DOCUMENT, _DOCUMENT)
def test_what_differs_is_a_patch(old: dict[str, Any], new: dict[str, Any]) -> None:
    """The difference of two documents makes one of the other."""
    assert merge_patch.apply(old, _difference(old, new)) == new


def _difference(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(old.keys() - new.keys())
    for name, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(name), dict):
            found[name] = _difference(old[name], value)
        else:
            found[name] = value
    return found


@given(_DOCUMENT, _PATCH)
def test_neither_the_document_nor_the_patch_is_changed(document: Any, patch: Any) -> None:
    """Both may be used again."""
    before = copy.deepcopy((document, patch))
    merge_patch.apply(document, patch)
    assert (document, patch) == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "error decoding patch: unexpected end of JSON input"),
        ("{", "error decoding patch: unexpected end of JSON input"),
        ("null", "Invalid JSON Patch"),
        ("[]", "error decoding patch: a merge patch is an object, not a list"),
        ('"x"', "error decoding patch: a merge patch is an object, not a string"),
    ],
)
def test_what_is_no_object_is_a_bad_request(text: str, message: str) -> None:
    """Kubernetes' words where they are its own."""
    with pytest.raises(errors.BadRequest) as refused:
        merge_patch.read(text)
    assert refused.value.message == message


def test_repeated_members_are_faults() -> None:
    """The last one counts."""
    read = merge_patch.read('{"data": {"k": "1", "k": "2"}}')
    assert read.value == {"data": {"k": "2"}}
    assert read.faults == ('duplicate field "data.k"',)


def test_a_text_cannot_nest_without_end() -> None:
    """It is refused before it is walked."""
    with pytest.raises(errors.BadRequest, match="exceeded max depth"):
        merge_patch.read('{"a":' * 300 + "1" + "}" * 300)


def test_the_deepest_text_is_merged() -> None:
    """It meets no limit of Python's, and can be interrupted on its way."""
    text = '{"a":' * 255 + "{}" + "}" * 255
    patch = merge_patch.read(text).value
    assert merge_patch.apply(merge_patch.apply({}, patch), patch) == patch
    assert len(list(merge_patch.steps(patch, patch))) >= 255

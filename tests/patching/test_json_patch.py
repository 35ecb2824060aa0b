"""JSON patch: the operations, the peculiarities that clients rely on, and what is refused."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocube import errors
from protocube.manifests import json_values
from protocube.patching import json_patch
from protocube.steps import finished

_REFUSAL = "the server rejected our request due to an error in our request"


def _document() -> dict[str, Any]:
    return {"data": {"x": "1", "n": None}, "list": ["a", "b", "c"], "metadata": {"name": "o"}}


def _apply(*operations: dict[str, Any], document: Any = None) -> Any:
    read = json_patch.read(json.dumps(operations))
    return json_patch.apply(_document() if document is None else document, read.operations)


@pytest.mark.parametrize(
    ("operation", "reads"),
    [
        ({"op": "copy", "from": "/metadata", "path": "/x"}, True),
        ({"op": "move", "from": "/metadata/name", "path": "/x"}, True),
        ({"op": "test", "path": "", "value": {}}, True),
        ({"op": "test", "path": "/metadata/uid", "value": ""}, False),
        ({"op": "copy", "from": "/data", "path": "/metadata"}, False),
        ({"op": "add", "path": "/metadata", "value": {}}, False),
        ({"op": "copy", "from": "metadata", "path": "/x"}, False),
    ],
)
def test_what_operations_look_at_can_be_told(operation: dict[str, Any], *, reads: bool) -> None:
    """A copy, a move and a test look at their value, and at all that is in it."""
    read = json_patch.read(json.dumps([operation]))
    assert json_patch.reads(read.operations, ("metadata", "name")) is reads


@pytest.mark.parametrize(
    ("operation", "path", "wanted"),
    [
        ({"op": "add", "path": "/data/y", "value": "2"}, "data", {"x": "1", "n": None, "y": "2"}),
        ({"op": "add", "path": "/data/x", "value": "2"}, "data", {"x": "2", "n": None}),
        ({"op": "add", "path": "/data/y"}, "data", {"x": "1", "n": None, "y": None}),
        ({"op": "add", "path": "/list/1", "value": "z"}, "list", ["a", "z", "b", "c"]),
        ({"op": "add", "path": "/list/3", "value": "z"}, "list", ["a", "b", "c", "z"]),
        ({"op": "add", "path": "/list/-", "value": "z"}, "list", ["a", "b", "c", "z"]),
        ({"op": "add", "path": "/list/-1", "value": "z"}, "list", ["a", "b", "c", "z"]),
        ({"op": "add", "path": "/list/-4", "value": "z"}, "list", ["z", "a", "b", "c"]),
        ({"op": "add", "path": "/list/+01", "value": "z"}, "list", ["a", "z", "b", "c"]),
        ({"op": "add", "path": "/data/", "value": "z"}, "data", {"x": "1", "n": None, "": "z"}),
        ({"op": "add", "path": "data/y", "value": "z"}, "y", "z"),
        ({"op": "add", "path": "/~01~1", "value": "z"}, "~1/", "z"),
        ({"op": "remove", "path": "/data/x"}, "data", {"n": None}),
        ({"op": "remove", "path": "/data/n"}, "data", {"x": "1"}),
        ({"op": "remove", "path": "/list/-1"}, "list", ["a", "b"]),
        ({"op": "replace", "path": "/data/y", "value": 3}, "data", {"x": "1", "n": None, "y": 3}),
        ({"op": "replace", "path": "/list/-3", "value": "z"}, "list", ["z", "b", "c"]),
        ({"op": "move", "from": "/list/0", "path": "/list/-"}, "list", ["b", "c", "a"]),
        ({"op": "copy", "from": "/data", "path": "/list/0"}, "list", [_document()["data"], *"abc"]),
        ({"op": "copy", "from": "/data/none", "path": "/data/x"}, "data", {"x": None, "n": None}),
    ],
)
def test_an_operation_changes_what_it_names(
    operation: dict[str, Any], path: str, wanted: Any
) -> None:
    """Each operation, with the forms of paths and indices that Kubernetes takes."""
    assert _apply(operation)[path] == wanted


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/data/x", "value": "1"},
        {"op": "test", "path": "/data/none", "value": None},
        {"op": "test", "path": "", "value": _document()},
        {"op": "test", "path": "/list/-1", "value": "c"},
    ],
)
def test_a_test_that_holds_changes_nothing(operation: dict[str, Any]) -> None:
    """A member that is absent is null to a test."""
    assert _apply(operation) == _document()


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/data/x", "value": 1},
        {"op": "test", "path": "/data/x"},
        {"op": "test", "path": "/data/none"},
        {"op": "test", "path": "/list", "value": ["a", "b"]},
        {"op": "test", "path": "", "value": {"a": 1}},
        {"op": "add", "path": "/none/y", "value": "2"},
        {"op": "add", "path": "/data/x/y", "value": "2"},
        {"op": "add", "path": "/data/n/y", "value": "2"},
        {"op": "add", "path": "/list/4", "value": "z"},
        {"op": "add", "path": "/list/-5", "value": "z"},
        {"op": "add", "path": "/list/x", "value": "z"},
        {"op": "add", "path": "/list/", "value": "z"},
        {"op": "add", "path": "", "value": {}},
        {"op": "add", "path": "x", "value": "z"},
        {"op": "add", "value": "z"},
        {"op": "remove", "path": "/data/none"},
        {"op": "remove", "path": "/list/-"},
        {"op": "remove", "path": "/list/3"},
        {"op": "replace", "path": "/list/-", "value": "z"},
        {"op": "replace", "path": "/list/3", "value": "z"},
        {"op": "replace", "path": ""},
        {"op": "move", "from": "/data/none", "path": "/data/x"},
        {"op": "move", "from": "/data", "path": "/data/y"},
        {"op": "move", "path": "/data/y"},
        {"op": "copy", "from": "", "path": "/data/y"},
        {"op": "copy", "from": "/none/x", "path": "/data/y"},
        {"op": "frob", "path": "/data/x"},
        {"path": "/data/x"},
    ],
)
def test_what_does_not_apply_is_invalid(operation: dict[str, Any]) -> None:
    """There is one refusal for all of it, without violations."""
    with pytest.raises(errors.Invalid) as refused:
        _apply(operation)
    assert refused.value.message == _REFUSAL
    assert refused.value.violations == ()


def test_the_whole_document_can_be_replaced() -> None:
    """The path is empty then; what is put there can be changed further."""
    whole = {"op": "replace", "path": "", "value": {"a": {}}}
    assert _apply(whole, {"op": "add", "path": "/a/b", "value": 1}) == {"a": {"b": 1}}


@pytest.mark.parametrize("value", ["z", 1, None])
def test_the_whole_document_is_not_replaced_by_a_scalar(value: Any) -> None:
    """Kubernetes passes over it: objects are objects."""
    assert _apply({"op": "replace", "path": "", "value": value}) == _document()


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), ("1", 1), ({}, []), (None, {})])
def test_values_of_different_types_are_not_equal(one: Any, other: Any) -> None:
    """Python's own comparison takes 1 for true."""
    with pytest.raises(errors.Invalid):
        _apply({"op": "test", "path": "/a/0", "value": [other]}, document={"a": [[one]]})


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from("ab"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=8,
)
_PATHS = st.lists(st.sampled_from(["a", "b", "0", "1", "-"]), max_size=3).map(
    lambda steps: "".join(f"/{step}" for step in steps)
)
_OPERATIONS = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
        "path": _PATHS,
        "from": _PATHS,
        "value": _VALUES,
    }
)


@given(document=_VALUES, operations=st.lists(_OPERATIONS, max_size=6))
def test_neither_the_document_nor_the_patch_is_changed(
    document: Any, operations: list[dict[str, Any]]
) -> None:
    """Not even when it fails half-way, and not by operations on what others have put there."""
    read = json_patch.read(json.dumps(operations))
    before = copy.deepcopy((document, read.operations))
    for _ in range(2):
        with contextlib.suppress(errors.Invalid):
            json_patch.apply(document, read.operations)
    assert (document, read.operations) == before


@given(document=st.dictionaries(st.sampled_from("ab"), _VALUES), value=_VALUES, path=_PATHS)
def test_what_was_added_can_be_tested_and_removed(document: Any, value: Any, path: str) -> None:
    """A new member goes in, is there, and leaves no trace behind."""
    added = f"{path}/new"
    operations = [
        {"op": "add", "path": added, "value": value},
        {"op": "test", "path": added, "value": value},
        {"op": "remove", "path": added},
    ]
    try:
        assert _apply(*operations, document=document) == document
    except errors.Invalid:
        with pytest.raises(errors.Invalid):
            _apply(operations[0], document=document)


@pytest.mark.parametrize("text", ["null", "[]"])
def test_no_operations_change_nothing(text: str) -> None:
    """An empty patch is a patch."""
    assert json_patch.apply(_document(), json_patch.read(text).operations) == _document()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{", "error decoding patch: unexpected end of JSON input"),
        ("", "error decoding patch: unexpected end of JSON input"),
        ("data: x", "error decoding patch: invalid character 'd' looking for beginning of value"),
        ('[{"op" 1}]', "error decoding patch: invalid character '1': expecting ':' delimiter"),
        ("[NaN]", "error decoding patch: the patch is not JSON"),
        ("[] []", "error decoding patch: there is more than one JSON value"),
        ("{}", "error decoding patch: a JSON patch is a list of operations, not an object"),
        ('["x"]', "error decoding patch: [0] is a string, not an operation"),
        ('[{"op": 1}]', "error decoding patch: [0].op is a number, not a string"),
        ('[{}, {"path": true}]', "error decoding patch: [1].path is a boolean, not a string"),
    ],
)
def test_what_is_no_patch_is_a_bad_request(text: str, message: str) -> None:
    """It is told what is there in place of a list of operations."""
    with pytest.raises(errors.BadRequest) as refused:
        json_patch.read(text)
    assert refused.value.message == message


def test_unknown_and_repeated_members_are_faults() -> None:
    """They are reported, and what they stand for applies: the last one counts."""
    read = json_patch.read('[{"op": "add", "op": "test", "path": "/a", "foo": 1, "value": {}}]')
    assert read.faults == (
        'json patch duplicate field "[0].op"',
        'json patch unknown field "[0].foo"',
    )
    assert read.operations[0].op == "test"


def test_ten_thousand_operations_are_taken_and_no_more() -> None:
    """The refusal has both numbers."""
    operation = '{"op":"replace","path":"/data/x","value":"2"}'
    read = json_patch.read(f"[{','.join([operation] * 10_000)}]")
    assert json_patch.apply(_document(), read.operations)["data"]["x"] == "2"
    with pytest.raises(errors.TooLarge, match=r"JSON patch is 10000, got 10001$"):
        json_patch.read(f"[{','.join([operation] * 10_001)}]")


def test_copies_of_copies_are_bounded() -> None:
    """Thirty doublings of a document would be a thousand million times its size."""
    doubling = [{"op": "copy", "from": "/a", "path": f"/a/{index}"} for index in range(30)]
    with pytest.raises(errors.Invalid):
        _apply(*doubling, document={"a": {"text": "x" * 1000}})


def test_copies_count_together() -> None:
    """Each may be small."""
    text = "x" * (json_patch.MOST_COPIED // 10)
    copies = [{"op": "copy", "from": "/t", "path": f"/{index}"} for index in range(10)]
    assert len(_apply(*copies[:9], document={"t": text})) == 10
    with pytest.raises(errors.Invalid):
        _apply(*copies, document={"t": text})


def test_a_patch_cannot_nest_deeper_than_a_text() -> None:
    """Nor can values that it moves below each other, however deep that would be."""
    depth = json_values.DEEPEST_NESTING - 10
    deep = json.loads("[" * depth + "]" * depth)
    into = "/a" + "/0" * (depth - 1)
    # Each round puts what there is below another deep value, without a limit on the way.
    rounds = 40
    operations: list[dict[str, Any]] = [{"op": "add", "path": "/a", "value": deep}]
    for _ in range(rounds):
        operations += [
            {"op": "move", "from": "/a", "path": "/b"},
            {"op": "add", "path": "/a", "value": deep},
            {"op": "move", "from": "/b", "path": f"{into}/-"},
        ]
    with pytest.raises(errors.Invalid):
        _apply(*operations, document={})
    test = {"op": "test", "path": "/a", "value": 1}
    with pytest.raises(errors.Invalid):
        _apply(*operations, test, document={})
    copied = {"op": "copy", "from": "/a", "path": "/c"}
    removed = [{"op": "remove", "path": "/a"}, {"op": "remove", "path": "/c"}]
    assert _apply(*operations, copied, *removed, document={"x": 1}) == {"x": 1}


class _Counted(list[int]):
    """A list that counts its copies."""

    copies = 0

    def copy(self) -> list[int]:
        self.copies += 1
        return list(self)


def test_a_list_is_copied_once_however_many_operations_change_it() -> None:
    """Otherwise 10,000 operations on a list of 10,000 elements copy a hundred million."""
    numbers = _Counted([0] * 100)
    found = _apply(*[{"op": "add", "path": "/a/0", "value": 1}] * 50, document={"a": numbers})
    assert len(found["a"]) == 150
    assert numbers.copies == 1


def test_long_work_can_be_interrupted() -> None:
    """There is a step for each operation, and for parts of a large value."""
    many = {str(index): [index] for index in range(10_000)}
    operations = [
        {"op": "copy", "from": "/a", "path": "/b"},
        {"op": "test", "path": "/b", "value": many},
    ]
    read = json_patch.read(json.dumps(operations))
    steps = list(json_patch.steps({"a": many}, read.operations))
    assert len(steps) > 300
    assert finished(json_values.nests_deeper(many, 2)) is False

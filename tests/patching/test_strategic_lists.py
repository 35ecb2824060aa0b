"""Strategic merge patch of lists: merge keys, order, deletion, and what it costs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from protocube import errors
from protocube.catalog import Catalog
from protocube.patching import strategic

_ORDER = "$setElementOrder/containers"
_DELETE = "$deleteFromPrimitiveList/finalizers"


def _patched(document: Any, patch: Any, kind: str = "pods") -> Any:
    resource = Catalog.shipped().find(kind)
    assert resource is not None
    return strategic.apply(document, patch, resource.message_class)


def _containers(stored: str, patch: list[Any], order: str | None = None) -> str:
    """Return the names of containers after a patch, a letter each."""
    spec: dict[str, Any] = {"containers": patch}
    if order is not None:
        spec[_ORDER] = [{"name": name} for name in order]
    document = {"spec": {"containers": [{"name": name} for name in stored]}}
    found = _patched(document, {"spec": spec})["spec"]["containers"]
    return "".join(element["name"] for element in found)


def _named(names: str) -> list[dict[str, Any]]:
    return [{"name": name} for name in names]


def _deleted(names: str) -> list[dict[str, Any]]:
    return [{"name": name, "$patch": "delete"} for name in names]


@pytest.mark.parametrize(
    ("stored", "patch", "wanted"),
    [
        ("ab", "b", "ab"),
        ("ab", "z", "zab"),
        ("ab", "az", "azb"),
        ("ab", "bz", "abz"),
        ("ab", "xaybz", "xaybz"),
        ("abc", "ca", "bca"),
        ("abc", "", "abc"),
        ("", "ab", "ab"),
    ],
)
def test_the_order_of_the_patch_and_of_what_is_stored_are_interleaved(
    stored: str, patch: str, wanted: str
) -> None:
    """A new element comes first, or after the stored one that the patch names before it."""
    assert _containers(stored, _named(patch)) == wanted


@pytest.mark.parametrize(
    ("stored", "patch", "order", "wanted"),
    [
        ("ab", "z", "azb", "azb"),
        ("ab", "", "ba", "ba"),
        ("abc", "", "ca", "bca"),
        ("ab", "z", "zb", "zab"),
        ("ab", "b", "qb", "ab"),
        ("", "ab", "ab", "ab"),
        ("ab", "", "", "ab"),
        ("ab", "zy", "", "abyz"),
    ],
)
def test_a_given_order_is_kept(stored: str, patch: str, order: str, wanted: str) -> None:
    """It may name what is not there; what it leaves out keeps its place."""
    assert _containers(stored, _named(patch), order) == wanted


def test_under_a_given_order_new_elements_take_the_place_of_deleted_ones() -> None:
    """As many as are deleted count as stored at the end, so that ``c`` comes before ``d``."""
    patch = [*_named("bd"), *_deleted("a")]
    assert _containers("abc", patch, "bd") == "bcd"
    assert _containers("bc", _named("bd"), "bd") == "bdc"
    assert _containers("abc", patch) == "bdc"


@pytest.mark.parametrize(
    ("patch", "order"),
    [
        (_named("ba"), "ab"),
        (_named("az"), "ab"),
        ([{"name": "b"}, {"$patch": "replace"}], "ab"),
    ],
)
def test_a_given_order_must_have_the_elements_of_the_patch(patch: list[Any], order: str) -> None:
    """In their order; what replaces the list needs another one behind it."""
    with pytest.raises(errors.BadRequest, match=r"doesn't match \$setElementOrder list:"):
        _containers("ab", patch, order)


def test_elements_merge_by_their_key() -> None:
    """Twice in one patch too."""
    stored = {"spec": {"containers": [{"name": "a", "image": "1", "tty": True}]}}
    patch = {"spec": {"containers": [{"name": "a", "image": "2"}, {"name": "a", "image": "3"}]}}
    found = _patched(stored, patch)["spec"]["containers"]
    assert found == [{"name": "a", "image": "3", "tty": True}]


def test_a_merge_key_can_be_a_number() -> None:
    """A port of another protocol has the same one: keys are single."""
    stored = {"spec": {"ports": [{"port": 53, "protocol": "TCP"}, {"port": 80}]}}
    patch = {"spec": {"ports": [{"port": 53, "protocol": "UDP"}]}}
    found = _patched(stored, patch, "services")["spec"]["ports"]
    assert found == [{"port": 53, "protocol": "UDP"}, {"port": 80}]


def test_elements_are_deleted_by_their_key() -> None:
    """What is not there needs no deletion."""
    assert _containers("abc", _deleted("bz")) == "ac"


def test_a_list_can_be_replaced() -> None:
    """By the other elements; one with data that says so is dropped."""
    assert _containers("abc", [*_named("z"), {"$patch": "replace"}]) == "z"
    assert _containers("abc", [{"name": "a", "$patch": "replace"}]) == ""


def test_lists_without_a_merge_key_are_replaced() -> None:
    """Directives in them are elements like others."""
    stored = {"spec": {"tolerations": [{"key": "a"}]}}
    patch = {"spec": {"tolerations": [{"key": "b"}, {"$patch": "replace"}]}}
    assert _patched(stored, patch)["spec"]["tolerations"] == patch["spec"]["tolerations"]


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ([{"image": "i"}], 'map: {"image":"i"} does not contain declared merge key: name'),
        ([{"$patch": "delete"}], "does not contain declared merge key: name"),
        ([{"name": "a", "$patch": "merge"}], "merging lists cannot yet be specified in the patch"),
        ([{"name": "a", "$patch": "frob"}], "unknown patch type: frob in map: "),
        (["a"], "list element types are not identical: "),
        ([None], "list element types are not identical: "),
        ([{"name": {}}], "expected a scalar, but received an object"),
    ],
)
def test_elements_that_cannot_be_merged_are_refused(patch: list[Any], message: str) -> None:
    """With what is wrong with them."""
    with pytest.raises(errors.BadRequest) as refused:
        _containers("ab", patch)
    assert message in refused.value.message


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ("b", "expected a list, but received a string"),
        ([{"nom": "b"}], 'map: {"nom":"b"} does not contain declared merge key: name'),
        (["b"], "expected an object, but received a string"),
    ],
)
def test_an_order_that_cannot_be_read_is_refused(order: Any, message: str) -> None:
    """With what stands there."""
    with pytest.raises(errors.BadRequest) as refused:
        _patched({"spec": {"containers": _named("ab")}}, {"spec": {_ORDER: order}})
    assert message in refused.value.message


def test_an_order_of_empty_lists_is_refused() -> None:
    """Kubernetes cannot tell what their elements would be."""
    with pytest.raises(errors.BadRequest, match="no elements in any of the given lists"):
        _containers("", [], "ab")


@pytest.mark.parametrize(
    ("directive", "message"),
    [
        ("$setElementOrder", "invalid patch format of setElementOrder list"),
        ("$setElementOrders/containers", "invalid patch format of setElementOrder list"),
        ("$deleteFromPrimitiveList", "invalid patch format of primitive list"),
    ],
)
def test_a_directive_must_name_a_list(directive: str, message: str) -> None:
    """After a slash."""
    with pytest.raises(errors.BadRequest) as refused:
        _patched({"spec": {}}, {"spec": {directive: []}})
    assert refused.value.message == message


def test_an_order_of_no_field_is_refused() -> None:
    """The kind must have the list."""
    with pytest.raises(errors.BadRequest, match=r'struct PodSpec for the json field "foo"$'):
        _patched({"spec": {}}, {"spec": {"$setElementOrder/foo": []}})


@pytest.mark.parametrize(
    ("patch", "wanted"),
    [
        ({"finalizers": ["c"]}, "cab"),
        ({"finalizers": ["c", "b"]}, "cab"),
        ({"finalizers": ["b", "c"]}, "abc"),
        ({_DELETE: ["a", "q"]}, "b"),
        ({_DELETE: ["a", "c"], "finalizers": ["c"]}, "cb"),
        ({_DELETE: "a"}, "ab"),
        ({"finalizers": ["c"], "$setElementOrder/finalizers": ["c", "a"]}, "cab"),
        ({_DELETE: ["b"], "$setElementOrder/finalizers": ["b", "a"]}, "a"),
    ],
)
def test_lists_of_scalars_merge_as_sets(patch: dict[str, Any], wanted: str) -> None:
    """What is deleted is deleted before anything is added."""
    found = _patched({"metadata": {"finalizers": ["a", "b"]}}, {"metadata": patch})
    assert "".join(found["metadata"]["finalizers"]) == wanted


def test_scalars_are_deleted_from_lists_that_are_replaced() -> None:
    """Whatever the strategy of the list is; one that is not there needs nothing."""
    patch = {"$deleteFromPrimitiveList/podCIDRs": ["a"], "$deleteFromPrimitiveList/x": ["a"]}
    found = _patched({"spec": {"podCIDRs": ["a", "b"]}}, {"spec": patch}, "nodes")
    assert found == {"spec": {"podCIDRs": ["b"]}}


def test_objects_are_not_deleted_as_scalars() -> None:
    """They have ``$patch`` for that."""
    with pytest.raises(errors.BadRequest, match=r"^invalid patch format of primitive list$"):
        _patched(
            {"spec": {"containers": _named("a")}},
            {"spec": {"$deleteFromPrimitiveList/containers": _named("a")}},
        )


_NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True).map("".join)
_IMAGES = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("12"))


@given(old=_NAMES, new=_NAMES, images=_IMAGES)
def test_what_kubectl_makes_of_two_lists_makes_one_of_the_other(
    old: str, new: str, images: dict[str, str]
) -> None:
    """Elements that differ, deletions, and the order of all: the same list comes out."""
    assume(old or new)
    stored = [{"name": name, "image": images.get(name, "0")} for name in old]
    wanted = [{"name": name, "image": "0"} for name in new]
    changed = [element for element in wanted if element not in stored]
    gone = "".join(name for name in old if name not in new)
    patch = {"containers": [*changed, *_deleted(gone)], _ORDER: _named(new)}
    found = _patched({"spec": {"containers": stored}}, {"spec": patch})
    assert found["spec"]["containers"] == wanted


@given(old=_NAMES, patch=_NAMES)
def test_a_list_has_what_both_have_and_each_order_is_kept(old: str, patch: str) -> None:
    """Neither the patch's nor, among the others, that of what is stored is broken."""
    found = _containers(old, _named(patch))
    assert sorted(found) == sorted({*old, *patch})
    assert [name for name in found if name in patch] == list(patch)
    assert [name for name in found if name not in patch] == [n for n in old if n not in patch]
    assert _containers(found, _named(patch)) == found


class _Counted(str):
    """A name that counts how often it is compared and hashed."""

    __slots__ = ()
    looks = 0

    def __eq__(self, other: object) -> bool:
        _Counted.looks += 1
        return str.__eq__(self, other)

    def __hash__(self) -> int:
        _Counted.looks += 1
        return str.__hash__(self)


@pytest.mark.parametrize("order", [[], [_ORDER]])
def test_the_work_grows_with_the_list_and_not_with_its_square(order: list[str]) -> None:
    """2,000 elements that are changed, added and deleted cost some hashes each."""
    size = 2_000
    names = [_Counted(f"n{index}") for index in range(size)]
    stored = {"spec": {"containers": [{"name": name} for name in names[: size // 2]]}}
    patch: dict[str, Any] = {"containers": [{"name": name} for name in names[::3]]}
    patch["containers"] += [{"name": name, "$patch": "delete"} for name in names[1::3]]
    patch |= {directive: [{"name": name} for name in names] for directive in order}
    _Counted.looks = 0
    _patched(stored, {"spec": patch})
    assert _Counted.looks < 30 * size


def test_long_work_can_be_interrupted() -> None:
    """There is a step for some elements each, also where nothing is merged into them."""
    resource = Catalog.shipped().find("pods")
    assert resource is not None
    names = [{"name": f"n{index}"} for index in range(10_000)]
    for patch in ({_ORDER: names}, {"containers": names}):
        steps = strategic.steps(
            {"spec": {"containers": names}}, {"spec": patch}, resource.message_class
        )
        assert len(list(steps)) > 300


def test_the_text_of_a_patch_gives_what_its_data_gives() -> None:
    """Numbers are numbers of the same kind."""
    read = strategic.read(json.dumps({"spec": {"ports": [{"port": 80.0, "name": "x"}]}}))
    found = _patched({"spec": {"ports": [{"port": 80}]}}, read.value, "services")
    assert found["spec"]["ports"] == [{"port": 80, "name": "x"}]

"""Patches that are computed: between two objects, and of a configuration applied again.

The patches that are wanted here are those that Kubernetes' library makes of the same objects.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube.patching import differences, strategic, three_way

if TYPE_CHECKING:
    from google.protobuf.message import Message

CONTAINERS = "containers"


def message_class(kind: str) -> type[Message]:
    """Return the class of a kind's objects."""
    resource = Catalog.shipped().find(kind)
    assert resource is not None
    return resource.message_class


def pod(**spec: Any) -> dict[str, Any]:
    """Return a Pod with a spec."""
    return {"spec": spec}


def container(name: str, **fields: Any) -> dict[str, Any]:
    """Return a container."""
    return {"name": name, **fields}


BETWEEN = [
    pytest.param(
        pod(nodeSelector={"a": "1", "b": "2"}),
        pod(nodeSelector={"a": "1", "c": "3"}),
        pod(nodeSelector={"b": None, "c": "3"}),
        id="members come and go",
    ),
    pytest.param(
        pod(containers=[container("a", image="1"), container("b")]),
        pod(containers=[container("c"), container("a", image="2")]),
        {
            "spec": {
                "$setElementOrder/containers": [{"name": "c"}, {"name": "a"}],
                "containers": [
                    container("c"),
                    container("a", image="2"),
                    {"$patch": "delete", "name": "b"},
                ],
            }
        },
        id="elements are told apart by a key",
    ),
    pytest.param(
        pod(containers=[container("a"), container("b")]),
        pod(containers=[container("b"), container("a")]),
        {"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}},
        id="another order alone",
    ),
    pytest.param(
        {"metadata": {"finalizers": ["x", "y"]}},
        {"metadata": {"finalizers": ["z", "y"]}},
        {
            "metadata": {
                "finalizers": ["z"],
                "$deleteFromPrimitiveList/finalizers": ["x"],
                "$setElementOrder/finalizers": ["z", "y"],
            }
        },
        id="sets of scalars",
    ),
    pytest.param(
        pod(volumes=[{"name": "v", "emptyDir": {}}]),
        pod(volumes=[{"name": "v", "secret": {"secretName": "s"}}]),
        {
            "spec": {
                "$setElementOrder/volumes": [{"name": "v"}],
                "volumes": [
                    {
                        "$retainKeys": ["name", "secret"],
                        "emptyDir": None,
                        "name": "v",
                        "secret": {"secretName": "s"},
                    }
                ],
            }
        },
        id="one source takes the place of another",
    ),
    pytest.param(
        pod(tolerations=[{"key": "a"}], hostNetwork=True),
        pod(tolerations=[{"key": "b"}], hostNetwork=True),
        pod(tolerations=[{"key": "b"}]),
        id="other lists are replaced",
    ),
]


@pytest.mark.parametrize(("original", "modified", "patch"), BETWEEN)
def test_the_patch_makes_one_object_of_the_other(
    original: dict[str, Any], modified: dict[str, Any], patch: dict[str, Any]
) -> None:
    """It is Kubernetes', and the server's merge carries it out; no argument is changed."""
    before = copy.deepcopy((original, modified))
    found = differences.between(original, modified, message_class("pods"))
    assert found == patch
    assert (original, modified) == before
    assert strategic.apply(original, found, message_class("pods")) == modified


def test_elements_without_their_key_are_refused() -> None:
    """Nothing tells them apart."""
    with pytest.raises(errors.BadRequest, match="declared merge key: name"):
        differences.between(
            pod(containers=[{"image": "1"}]), pod(containers=[{"image": "2"}]), message_class("po")
        )


def test_fields_without_a_schema_are_compared_by_value() -> None:
    """Whether they are unknown is for the server to say."""
    found = differences.between(pod(colour={"a": 1}), pod(colour={"a": 2}), message_class("pods"))
    assert found == pod(colour={"a": 2})


def applied(
    last: dict[str, Any], modified: dict[str, Any], current: dict[str, Any], **options: bool
) -> dict[str, Any]:
    """Return what an apply makes of ``current``."""
    patch = three_way.patch(last, modified, current, message_class("pods"), **options)
    return strategic.apply(current, patch, message_class("pods"))


def test_an_apply_leaves_alone_what_it_never_said() -> None:
    """Fields and elements of others stay; what the last configuration alone said goes."""
    last = pod(containers=[container("a", args=["x"], image="1"), container("b")])
    modified = pod(containers=[container("a", image="2"), container("c")])
    current = pod(
        containers=[
            container("a", args=["x"], image="1", tty=True),
            container("b"),
            container("sidecar"),
        ],
        nodeName="n",
    )
    assert applied(last, modified, current) == pod(
        containers=[container("a", image="2", tty=True), container("sidecar"), container("c")],
        nodeName="n",
    )


def test_an_apply_of_the_same_configuration_changes_nothing() -> None:
    """The patch is empty, though the server has added defaults."""
    configuration = pod(containers=[container("a", image="1")], volumes=[{"name": "v"}])
    current = pod(
        containers=[container("a", image="1", imagePullPolicy="Always")],
        volumes=[{"name": "v"}],
        restartPolicy="Always",
    )
    cls = message_class("pods")
    assert three_way.patch(configuration, configuration, current, cls) == {}


def test_deletions_of_a_list_follow_its_elements() -> None:
    """An element can lose a field and win another one in one patch."""
    last = pod(containers=[container("a", args=["x"]), container("b"), container("d")])
    modified = pod(containers=[container("d"), container("a", command=["y"])])
    patch = three_way.patch(last, modified, last, message_class("pods"))
    assert patch["spec"][CONTAINERS] == [
        container("a", args=None, command=["y"]),
        {"$patch": "delete", "name": "b"},
    ]


@pytest.mark.parametrize(
    ("current", "clashes"),
    [
        (pod(nodeName="other", containers=[container("a", image="1")]), True),
        (pod(nodeName="old", containers=[container("a", image="3")]), True),
        (pod(nodeName="old", containers=[]), True),
        (pod(nodeName="old", containers=[container("a", image="1", tty=True)]), False),
        (pod(nodeName="old", containers=[container("a", image="1"), container("b")]), False),
    ],
)
def test_changes_of_others_can_be_spared(current: dict[str, Any], *, clashes: bool) -> None:
    """Only where the configuration wants another value than they."""
    last = pod(nodeName="old", containers=[container("a", image="1")])
    modified = pod(nodeName="new", containers=[container("a", image="2")])
    if not clashes:
        assert applied(last, modified, current, overwrite=False)["spec"]["nodeName"] == "new"
        return
    with pytest.raises(three_way.ChangedByOthers):
        applied(last, modified, current, overwrite=False)

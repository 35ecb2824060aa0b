"""Long documents are read and written in turns, so that other work goes on beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube.apps.v1 import controller_revision_pb2
from protocube.catalog import Catalog
from protocube.core.v1 import pod_pb2
from protocube.manifests import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube.steps import Steps


def _with_result(steps: Steps[Any]) -> Iterator[Any]:
    """Yield what the steps yield, and then what they return."""
    yield (yield from steps)


def test_what_is_wrong_is_told_in_the_order_of_the_keys() -> None:
    """At any depth: as if the document were read from top to bottom with its keys sorted."""
    report = decode.decode(
        {
            "spec": {
                "volumes": [{"name": 1}, {"emptyDir": {}, "hostPath": {}}, {"bad": 1}],
                "containers": [{"name": 2}, {"env": [{"name": 3}], "bad": 1}],
                "hostname": 4,
            },
            "metadata": {"name": 5, "labels": {"b": 6, "a": 7}},
            "bad": 1,
        },
        pod_pb2.Pod(),
    )
    assert report.unknown == ("bad", "spec.containers[1].bad", "spec.volumes[2].bad")
    assert [fault.field for fault in report.faults] == [
        "metadata.labels.a",
        "metadata.labels.b",
        "metadata.name",
        "spec.containers[0].name",
        "spec.containers[1].env[0].name",
        "spec.hostname",
        "spec.volumes[0].name",
    ]
    assert [violation.field for violation in report.violations] == ["spec.volumes[1].hostPath"]


LONG: list[tuple[str, dict[str, Any]]] = [
    ("pod", {"spec": {"containers": [{"name": f"c{index}"} for index in range(20_000)]}}),
    ("pod", {"spec": {"containers": [{"nick": index} for index in range(20_000)]}}),
    ("pod", {"metadata": {"finalizers": list(range(20_000))}}),
    ("configmap", {"data": {f"k{index}": "x" for index in range(20_000)}}),
    ("controllerrevision", {"data": {"a": {f"k{i}": [{"b": i}] * 20 for i in range(1000)}}}),
]


@pytest.mark.parametrize(("kind", "manifest"), LONG)
def test_a_long_manifest_is_read_in_turns(kind: str, manifest: dict[str, Any]) -> None:
    """The reader pauses again and again; message and report are those of reading at once."""
    resource = Catalog.shipped().find(kind)
    assert resource is not None
    message, expected = resource.message_class(), resource.message_class()
    expected_report = decode.decode(manifest, expected)
    *pauses, report = _with_result(decode.steps(manifest, message))
    assert message == expected
    assert report == expected_report
    assert set(pauses) == {None}
    assert len(pauses) >= 20_000 // 256


def _many_elements() -> Any:
    """Return messages, scalars, maps and free JSON, a great many of each."""
    pod = pod_pb2.Pod()
    for number in range(20_000):
        pod.spec.containers.add(name=f"c{number}").env.add(name="e", value="1")
        pod.metadata.labels[f"l{number}"] = "x"
        pod.metadata.finalizers.append(f"f/{number}")
    return pod


def _many_values() -> Any:
    """Return a document of free JSON that is wide and deep."""
    revision = controller_revision_pb2.ControllerRevision()
    for number in range(100):
        value = revision.data.fields[f"k{number}"]
        for _ in range(200):
            value.list_value.values.add().number_value = number
    return revision


@pytest.mark.parametrize("make", [_many_elements, _many_values])
def test_a_long_message_is_written_in_turns(make: Any) -> None:
    """The writer pauses again and again, and what it writes is the same."""
    message = make()
    *pauses, found = _with_result(encode.steps(message, shown=True))
    assert found == encode.shown(message)
    assert set(pauses) == {None}
    assert len(pauses) > len(message.SerializeToString()) // 20_000

"""Event is served in two versions, and both have one stored form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import json_format

from protocube.catalog import Catalog

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

CORE = Catalog.shipped().for_message("protocube.core.v1.Event")
EVENTS = Catalog.shipped().for_message("protocube.events.v1.Event")


def shape(descriptor: Descriptor) -> dict[int, object]:
    """Return what each number holds: a scalar's type, a message's name, or a series' shape."""
    shapes: dict[int, object] = {}
    for field in descriptor.fields:
        below = field.message_type
        if below is None:
            shapes[field.number] = field.type
        else:
            # Each version has a series of its own.
            shapes[field.number] = shape(below) if field.name == "series" else below.full_name
    return shapes


def test_fields_of_one_number_hold_the_same() -> None:
    """No number means one thing in one version and another in the other."""
    assert CORE is not None
    assert EVENTS is not None
    assert shape(CORE.descriptor) == shape(EVENTS.descriptor)


def test_an_event_of_one_version_is_read_in_the_other() -> None:
    """The bytes are the same, the names are those of the version that is asked for."""
    assert CORE is not None
    assert EVENTS is not None
    written = json_format.ParseDict(
        {
            "metadata": {"name": "e", "namespace": "shop"},
            "involvedObject": {"kind": "Pod", "name": "web"},
            "message": "started",
            "source": {"component": "kubelet"},
            "count": 3,
            "reportingComponent": "kubelet",
        },
        CORE.message_class(),
    )
    read = EVENTS.message_class().FromString(written.SerializeToString(deterministic=True))
    assert json_format.MessageToDict(read) == {
        "metadata": {"name": "e", "namespace": "shop"},
        "regarding": {"kind": "Pod", "name": "web"},
        "note": "started",
        "deprecatedSource": {"component": "kubelet"},
        "deprecatedCount": 3,
        "reportingController": "kubelet",
    }

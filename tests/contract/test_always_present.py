"""Each field that Kubernetes writes into every object says so, and no other does.

``always_present.json`` has them by apiVersion and Go struct, each with what it reads when it is
not set. It was read from the JSON tags of k8s.io/api v0.34.1 and, for the last two groups, of
apiextensions-apiserver and kube-aggregator. Structs that the contract lacks are there, too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import message_factory

from protocube.api.v1 import field_pb2
from protocube.catalog import Catalog
from protocube.manifests import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor import Descriptor

STRUCTS: dict[str, dict[str, dict[str, Any]]] = json.loads(
    Path(__file__).with_name("always_present.json").read_text()
)
CATALOG = Catalog.shipped()


def below(descriptors: Iterable[Descriptor], seen: dict[str, Descriptor]) -> dict[str, Descriptor]:
    """Return all messages of ours in and below ``descriptors`` by their full names."""
    for descriptor in descriptors:
        if descriptor.full_name.startswith("protocube.") and descriptor.full_name not in seen:
            seen[descriptor.full_name] = descriptor
            below((field.message_type for field in descriptor.fields if field.message_type), seen)
    return seen


MESSAGES = below((resource.descriptor for resource in CATALOG.resources), {})


def message_name(api_version: str, struct: str) -> str:
    """Return the full name of the message that stands for a Go struct."""
    group, _, version = api_version.rpartition("/")
    return f"protocube.{group.partition('.')[0] or 'core'}.{version}.{struct}"


KNOWN = {
    message_name(api_version, struct): fields
    for api_version, structs in STRUCTS.items()
    for struct, fields in structs.items()
    if message_name(api_version, struct) in MESSAGES
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_message_without_anything_reads_as_in_kubernetes(name: str) -> None:
    """Exactly the fields without ``omitempty`` are there, with the empty value of their type."""
    message = message_factory.GetMessageClass(MESSAGES[name])()
    # What is in a struct is told by its own entry.
    found = {
        key: {} if isinstance(value, dict) else value
        for key, value in encode.shown(message).items()
    }
    wanted = KNOWN[name]
    missing, superfluous = sorted(wanted.keys() - found), sorted(found.keys() - wanted)
    assert not missing, f"not always_present in {name}: {missing}"
    assert not superfluous, f"always_present in {name}, but not in Kubernetes: {superfluous}"
    assert found == wanted


def test_no_other_message_has_fields_that_are_always_present() -> None:
    """What is in no list of Kubernetes' is shown when it is set and else not."""
    assert not list(_always_present(MESSAGES[name] for name in MESSAGES.keys() - KNOWN.keys()))


def test_only_what_is_always_present_reads_null() -> None:
    """``nullable`` alone would mean nothing."""
    for descriptor in MESSAGES.values():
        for field in descriptor.fields:
            option = field.GetOptions().Extensions[field_pb2.field]
            assert option.always_present or not option.nullable, field.full_name


def _always_present(descriptors: Iterable[Descriptor]) -> Iterator[str]:
    for descriptor in descriptors:
        for field in descriptor.fields:
            if field.GetOptions().Extensions[field_pb2.field].always_present:
                yield field.full_name

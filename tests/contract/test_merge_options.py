"""The options on merging and sharing, field by field, against what Kubernetes' own types say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protocube.api.v1 import field_pb2
from tests.contract.test_witness import MESSAGES

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

_PACKAGE = "protocube."
_FLAGS = ("retain_keys", "patch_replaces", "atomic", "granular")


def _facts() -> dict[str, list[str]]:
    text = Path(__file__).with_name("merge-options.txt").read_text()
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return {path: sorted(words) for path, *words in lines}


FACTS = _facts()


def _words(field: FieldDescriptor) -> list[str]:
    """Return the options of a field as the facts write them; an atomic list is the default."""
    option = field.GetOptions().Extensions[field_pb2.field]
    words = [flag for flag in _FLAGS if getattr(option, flag)]
    if option.merge_key:
        words.append(f"merge_key={option.merge_key}")
    if option.list_type == field_pb2.LIST_TYPE_SET:
        words.append("set")
    if option.list_type == field_pb2.LIST_TYPE_MAP or option.list_map_keys:
        words.append(f"map={','.join(option.list_map_keys)}")
    return sorted(words)


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _misplaced(field: FieldDescriptor) -> list[str]:
    """Return the options of a field that mean nothing on a field of its type."""
    words = _words(field)
    is_list = field.is_repeated and not _is_map(field)
    if is_list:
        return [word for word in words if word in ("patch_replaces", "atomic", "granular")]
    allowed = _FLAGS if field.message_type is not None else ()
    return [word for word in words if word not in allowed]


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_message_is_merged_as_in_kubernetes(name: str) -> None:
    """Its type and each of its fields have the options that Kubernetes has, and no others."""
    message = MESSAGES[name]
    path = name.removeprefix(_PACKAGE)
    found = {path: ["atomic"] if message.GetOptions().Extensions[field_pb2.atomic] else []}
    found |= {f"{path}.{field.json_name}": _words(field) for field in message.fields}
    wanted = {path: FACTS.get(path, []) for path in found}
    assert found == wanted


def test_every_fact_is_about_a_type_or_a_field() -> None:
    """None is left of a field that is gone."""
    known = {name.removeprefix(_PACKAGE) for name in MESSAGES}
    for name, message in MESSAGES.items():
        known |= {f"{name.removeprefix(_PACKAGE)}.{field.json_name}" for field in message.fields}
    assert FACTS.keys() - known == set()


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_options_stand_where_they_mean_something(name: str) -> None:
    """Those of lists on lists, those of messages and maps on these."""
    fields = MESSAGES[name].fields
    found = {field.json_name: _misplaced(field) for field in fields if _misplaced(field)}
    assert not found


def _keys_at_fault(field: FieldDescriptor, element: Descriptor | None) -> list[str]:
    option = field.GetOptions().Extensions[field_pb2.field]
    if element is None:
        return [*option.list_map_keys]
    scalars = {
        below.json_name
        for below in element.fields
        if below.message_type is None and not below.is_repeated
    }
    return [key for key in option.list_map_keys if key not in scalars]


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_keys_are_scalars_of_the_elements(name: str) -> None:
    """What identifies an element is one value each."""
    fields = MESSAGES[name].fields
    assert [key for field in fields for key in _keys_at_fault(field, field.message_type)] == []

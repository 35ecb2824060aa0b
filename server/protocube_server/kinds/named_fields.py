"""Whether the fields are there that the options of a kind name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import descriptor_options
from protocube_server.kinds import field_names
from protocube_server.kinds.walking import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor import Descriptor

    from protocube.api.v1 import field_pb2
    from protocube.catalog import Resource

_ITSELF = "*"
"""Stands for the element of a list of scalars."""
CREATOR = ("username", "uid", "groups", "extra")
"""The fields that say who created an object."""


def check(resource: Resource) -> None:
    """Raise ``ValueError`` for an option of the kind, or of a field below, that names no field."""
    options = resource.options
    creator = [f"{options.creator}.{name}" for name in CREATOR] if options.creator else []
    named = (*options.immutable, *options.kept_by_update, *options.kept_by_status, *creator)
    for path in named:
        field_names.path(resource.message_class, path)
    # A walk comes once to each type.
    Walk(
        resource.descriptor,
        lambda descriptor: _check(resource.descriptor, descriptor),
        leads=lambda field: not descriptor_options.is_within_schema(field),
    )


def _check(root: Descriptor, descriptor: Descriptor) -> None:
    for field in descriptor.fields:
        option = descriptor_options.api_field(field)
        _require(field, _of_elements(option), field.message_type)
        _require(field, option.freezes, root)


def _of_elements(option: field_pb2.Field) -> Iterator[str]:
    """Yield the names that an option has of fields of a list's elements."""
    for name in (option.merge_key, *option.unique_by):
        if name not in {"", _ITSELF}:
            yield name


def _require(field: Any, names: Iterable[str], holder: Descriptor | None) -> None:
    known = {item.json_name for item in holder.fields} if holder is not None else set()
    if unknown := sorted({*names} - known):
        raise ValueError(f"{field.full_name}: no such fields: {', '.join(unknown)}")

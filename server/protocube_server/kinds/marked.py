"""Walks to the fields of a message that an option marks, and to no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import descriptor_options
from protocube.api.v1 import field_pb2
from protocube_server.kinds.walking import Walk

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.message import Message

    from protocube_server.kinds.contract import Contract

Predicate = Callable[[field_pb2.Field], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A marked field that is set: its path in JSON names, its value and what holds it."""

    path: str
    parent: Any
    option: field_pb2.Field
    value: Any
    contract: Contract
    """The rules of the contract, for parts of the value that it does not hold itself to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A marked field of a message type."""

    name: str
    json_name: str
    has_presence: bool
    option: field_pb2.Field


class Marked:
    """The marked fields of one message type and of everything below it."""

    def __init__(self, descriptor: Descriptor, predicate: Predicate, contract: Contract) -> None:
        self._contract = contract

        def work(descriptor: Descriptor) -> tuple[_Field, ...] | None:
            return tuple(_fields(descriptor, predicate)) or None

        self._walk = Walk(descriptor, work, leads=_leads)

    def walk(self, message: Message) -> Iterator[Found | None]:
        """Yield the marked fields that are set in ``message``, and ``None`` for others' turns.

        Those of a message come before those in it.
        """
        for visit in self._walk.visits(message):
            if visit is None:
                yield None
                continue
            fields, holder, prefix, _ = visit
            for field in fields:
                if field.has_presence and not holder.HasField(field.name):
                    continue
                value = getattr(holder, field.name)
                if field.has_presence or value:
                    yield Found(
                        path=f"{prefix}{field.json_name}",
                        parent=holder,
                        option=field.option,
                        value=value,
                        contract=self._contract,
                    )

    def options(self, name: str) -> set[str]:
        """Return the values that the option's text field ``name`` has on the marked fields."""
        return {getattr(field.option, name) for fields in self._walk.work for field in fields}


def _leads(field: FieldDescriptor) -> bool:
    return not descriptor_options.is_map(field) and not descriptor_options.is_within_schema(field)


def _fields(descriptor: Descriptor, predicate: Predicate) -> Iterator[_Field]:
    for field in sorted(descriptor.fields, key=lambda field: field.number):
        option = descriptor_options.api_field(field)
        if predicate(option):
            yield _Field(
                name=field.name,
                json_name=field.json_name,
                has_presence=field.has_presence,
                option=option,
            )

"""Objects with one long list, made from the descriptors: every list of every kind."""

from __future__ import annotations

import dataclasses
import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from google.protobuf import json_format

from protocube import errors
from protocube.catalog import Catalog
from protocube.vendor.buf.validate import validate_pb2
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.kind import Kind
from tests.kinds.mending import MARK, Mending, value
from tests.kinds.updating import UID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from protocube.catalog import Resource

_TRIES = 40
_DEEPEST = 8
_GOOD = Path(__file__).parents[1] / "contract" / "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A repeated field of a kind: the fields that lead to it, which is the last."""

    resource: Resource
    fields: tuple[FieldDescriptor, ...]

    def __str__(self) -> str:
        """Return the kind and the path, as the name of a test."""
        return f"{self.resource.qualified}:{'.'.join(item.json_name for item in self.fields)}"


def places() -> Iterator[Place]:
    """Yield the repeated fields of all kinds.

    Where two kinds have the same three last steps, such as the environment of a container of a
    pod, the one with the shortest way stands for both.
    """
    found: list[Place] = []
    for resource in Catalog.shipped().resources:
        found.extend(
            Place(resource=resource, fields=fields)
            for fields in _below(resource.descriptor, (), (resource.descriptor.full_name,))
        )
    seen: set[tuple[str, ...]] = set()
    for place in sorted(found, key=lambda place: len(place.fields)):
        last = tuple(field.full_name for field in place.fields[-3:])
        if last not in seen:
            seen.add(last)
            yield place


def _below(
    descriptor: Descriptor, way: tuple[FieldDescriptor, ...], types: tuple[str, ...]
) -> Iterator[tuple[FieldDescriptor, ...]]:
    for field in descriptor.fields:
        below = field.message_type
        is_map = below is not None and below.GetOptions().map_entry
        # The managed fields are the server's own; a caller's are dropped.
        if field.name == "managed_fields":
            continue
        if field.is_repeated and not is_map:
            yield (*way, field)
        if below is None or is_map or below.full_name in types or len(way) > _DEEPEST:
            continue
        if not below.full_name.startswith("google.protobuf."):
            yield from _below(below, (*way, field), (*types, below.full_name))


def _good() -> dict[tuple[str, str], dict[str, Any]]:
    manifests = (yaml.safe_load(path.read_text())["good"] for path in _GOOD.glob("*.yaml"))
    return {(item["apiVersion"], item["kind"]): item for item in manifests}


GOOD = _good()


@functools.cache
def _kind(qualified: str) -> Kind:
    resource = Catalog.shipped().find(qualified)
    assert resource is not None
    return Kind(resource, "/registry", functions=FUNCTIONS)


class Grown:
    """One place with so many elements as are wanted."""

    def __init__(self, place: Place) -> None:
        self._kind = _kind(place.resource.qualified)
        self._place = place
        key = (place.resource.api_version, place.resource.kind)
        self._manifest: dict[str, Any] = json.loads(json.dumps(GOOD.get(key, {}), default=str))
        metadata = self._manifest.setdefault("metadata", {})
        if not place.resource.options.review:
            metadata.setdefault("name", "a")
        self._mending = Mending(self._manifest, place.resource.descriptor)
        self._list = self._open()

    @property
    def is_good(self) -> bool:
        """Whether nothing is said of one element, nor of two."""
        return not self.faults(1) and not self._said_of_two()

    def faults(self, count: int) -> list[str]:
        """Return what is said of ``count`` elements."""
        text = json.dumps(self._list[0])
        kept = list(self._list)
        self._list[:] = [json.loads(text.replace(MARK, str(i))) for i in range(1, count + 1)]
        try:
            return [str(item) for item in self._said()]
        finally:
            self._list[:] = kept

    def mixed(self, count: int, annotations: dict[str, str]) -> Any:
        """Return an object with so many elements, an odd one among them now and then."""
        good = self._list[0]
        odd: Any = {} if isinstance(good, dict) else "!" if isinstance(good, str) else good
        texts = (json.dumps(good if i % 7 else odd) for i in range(count))
        self._list[:] = [json.loads(text.replace(MARK, str(i))) for i, text in enumerate(texts)]
        self._manifest["metadata"].setdefault("annotations", {}).update(annotations)
        return json_format.ParseDict(self._manifest, self._kind.resource.message_class())

    def repair(self) -> None:
        """Mend the one element, and what holds it, by what is said of it."""
        for _ in range(_TRIES):
            found = self._said() or self._said_of_two()
            if not found or not sum(self._mending.mend(item) for item in found):
                return

    def _said_of_two(self) -> list[errors.Violation]:
        """Return what is said of the second of two elements, as if it were the first."""
        if most(self._place.fields[-1]) == 1:
            return []
        text = json.dumps(self._list[0])
        self._list.append(json.loads(text.replace(MARK, "7778")))
        try:
            found = self._said()
        finally:
            self._list.pop()
        name = self._place.fields[-1].json_name
        return [
            dataclasses.replace(item, field=item.field.replace(f"{name}[1]", f"{name}[0]"))
            for item in found
        ]

    def _open(self) -> list[Any]:
        here: Any = self._manifest
        held: list[Any] = []
        for field in self._place.fields:
            for other in field.containing_oneof.fields if field.containing_oneof else ():
                if other is not field:
                    here.pop(other.json_name, None)
            new = value(field)
            if field.is_repeated:
                held = here.setdefault(field.json_name, [])
                held[:] = held[:1] or [new]
                here = held[0]
            else:
                here = here.setdefault(field.json_name, {})
        return held

    def _said(self) -> list[errors.Violation]:
        try:
            message: Any = json_format.ParseDict(
                self._manifest, self._kind.resource.message_class()
            )
        except json_format.ParseError as error:
            return [errors.Violation(field="", reason="", message=str(error))]
        if not self._place.resource.options.review:
            message.metadata.uid = UID
        self._kind.defaults.apply(message)
        try:
            self._kind.validation.check(message)
        except errors.Invalid as error:
            return list(error.violations)
        return []


def most(field: FieldDescriptor) -> int | None:
    """Return how many elements the contract allows a repeated field, ``None`` for any number."""
    rules = field.GetOptions().Extensions[validate_pb2.field].repeated
    return int(rules.max_items) if rules.HasField("max_items") else None

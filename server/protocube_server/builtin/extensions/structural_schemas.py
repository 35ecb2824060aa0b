"""What Kubernetes asks of a custom kind's schema that depends on where a part of it stands.

Values are described once, by schemas that follow ``properties``, ``items`` and
``additionalProperties`` from the root and name a type each; what stands below ``allOf``,
``anyOf``, ``oneOf`` and ``not`` only restricts them. Source of the rules and their texts:
``k8s.io/apiextensions-apiserver/pkg/apiserver/schema``.

``items`` and ``additionalProperties`` hold any JSON, because they may also be a list or a bool.
The rules of the message do not reach into them, so a schema found there is read as a message
and is asked them here.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from protocube.manifests import decode, free_json
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube.steps import Steps
    from protocube_server.kinds.contract import Contract
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule

_ROOT, _ITEM, _FIELD = "root", "array items", "object fields"
_INT_OR_STRING = ["integer", "string"]


def _structural_schema(found: Found) -> Iterator[errors.Violation | None]:
    """Yield what is wrong with the schema of a whole object."""
    yield from _Looking(found.contract).each(found.value, found.path, _ROOT)


class _Looking:
    """A look at all schemas within one. Large ones repeat themselves: what is sound stays so."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._sound: set[tuple[str, bytes]] = set()
        """Contents that nothing is wrong with, by their place and digest."""

    def each(self, schema: Any, path: str, place: str) -> Iterator[errors.Violation | None]:
        """A schema that describes a value, and those in it."""
        yield from _type(schema, path, place)
        yield from _extensions(schema, path)
        for name in sorted(schema.properties):
            yield from self._property(schema.properties[name], f"{path}.properties[{name}]")
        if schema.HasField("items"):
            yield from self._held(schema, "items", f"{path}.items", _ITEM)
        elif schema.type == "array":
            yield violations.required(f"{path}.items", "must be specified")
        if schema.HasField("additional_properties"):
            below = f"{path}.additionalProperties"
            yield from self._held(schema, "additional_properties", below, _FIELD)
        yield from _restrictions(schema, path)
        if place == _ROOT and "metadata" in schema.properties:
            yield from _root_metadata(schema.properties["metadata"], f"{path}.properties[metadata]")

    def _property(self, schema: Any, path: str) -> Iterator[errors.Violation | None]:
        found = self.each(schema, path, _FIELD)
        # To look at a schema with none in it takes no longer than to know it again.
        holds_some = schema.properties or schema.HasField("items")
        yield from self._once("properties", schema, found) if holds_some else found

    def _held(
        self, schema: Any, field: str, path: str, place: str
    ) -> Iterator[errors.Violation | None]:
        """A schema that is held as JSON: it is asked the rules of the message too."""
        yield from self._once(place, getattr(schema, field), self._read(schema, field, path, place))

    def _read(
        self, schema: Any, field: str, path: str, place: str
    ) -> Iterator[errors.Violation | None]:
        held = yield from _message(schema, field)
        if held is None:
            return
        yield from self._contract.faults(held, path)
        yield from self.each(held, path, place)

    def _once(
        self, place: str, content: Any, found: Iterator[errors.Violation | None]
    ) -> Iterator[errors.Violation | None]:
        """Yield what is found at a place, unless the same content was sound at such a place."""
        written = content.SerializeToString(deterministic=True)
        key = place, hashlib.sha256(written).digest()
        if key in self._sound:
            return
        is_sound = True
        for fault in found:
            is_sound = is_sound and fault is None
            yield fault
        if is_sound:
            self._sound.add(key)


def _type(schema: Any, path: str, place: str) -> Iterator[errors.Violation]:
    free = schema.x_kubernetes_int_or_string or schema.x_kubernetes_preserve_unknown_fields
    if schema.x_kubernetes_embedded_resource:
        detail = "must be object if x-kubernetes-embedded-resource is true"
        if not schema.type:
            yield violations.required(f"{path}.type", detail)
        elif schema.type != "object":
            yield violations.invalid(f"{path}.type", schema.type, detail)
    elif not schema.type and not free and place != _ROOT:
        # The root's own type is a rule of the message.
        yield violations.required(f"{path}.type", f"must not be empty for specified {place}")


def _extensions(schema: Any, path: str) -> Iterator[errors.Violation]:
    detail = "must be false if x-kubernetes-int-or-string is true"
    if schema.x_kubernetes_int_or_string:
        for field in ("preserve-unknown-fields", "embedded-resource"):
            name = f"x-kubernetes-{field}"
            if getattr(schema, name.replace("-", "_")):
                yield violations.invalid(f"{path}.{name}", value=True, detail=detail)
    if schema.x_kubernetes_embedded_resource:
        if schema.HasField("additional_properties"):
            detail = "must not be used if x-kubernetes-embedded-resource is set"
            yield violations.forbidden(f"{path}.additionalProperties", detail)
        if not schema.properties and not schema.x_kubernetes_preserve_unknown_fields:
            detail = (
                "must not be empty if x-kubernetes-embedded-resource is true without "
                "x-kubernetes-preserve-unknown-fields"
            )
            yield violations.required(f"{path}.properties", detail)


def _root_metadata(schema: Any, path: str) -> Iterator[errors.Violation]:
    """Every object has ``metadata``; a schema may only restrict its names."""
    if schema.type != "object":
        yield violations.invalid(f"{path}.type", schema.type, "must be object")
    rest = type(schema)()
    rest.CopyFrom(schema)
    rest.ClearField("type")
    if set(schema.properties) <= {"name", "generateName"}:
        rest.ClearField("properties")
    if rest.ByteSize():
        detail = (
            "must not specify anything other than name and generateName, "
            "but metadata is implicitly specified"
        )
        yield violations.forbidden(path, detail)


def _restrictions(schema: Any, path: str) -> Iterator[errors.Violation | None]:
    """What stands below a schema only to restrict what it describes."""
    for name, parts in (
        ("anyOf", schema.any_of),
        ("allOf", schema.all_of),
        ("oneOf", schema.one_of),
    ):
        for index, part in enumerate(parts):
            if name == "anyOf" and _is_int_or_string(schema):
                continue
            if name == "allOf" and index == 0 and _is_int_or_string(part):
                continue
            yield from _nested(part, f"{path}.{name}[{index}]")
    if schema.HasField("not_schema"):
        yield from _nested(schema.not_schema, f"{path}.not")


def _is_int_or_string(schema: Any) -> bool:
    """The one pattern of types below ``anyOf`` that is allowed."""
    return [part.type for part in schema.any_of] == _INT_OR_STRING


def _nested(schema: Any, path: str) -> Iterator[errors.Violation | None]:
    """A schema that restricts a value: it must not describe it once more."""
    for field, name, what in _NOT_NESTED:
        value = getattr(schema, field)
        unset = not schema.HasField(field) if field in _WITH_PRESENCE else not value
        if field == "default" and value.WhichOneof("kind") == "null_value":
            continue
        if not unset:
            yield violations.forbidden(f"{path}.{name}", f"must be {what} to be structural")
    for name in sorted(schema.properties):
        below = f"{path}.properties[{name}]"
        if name == "metadata":
            yield violations.forbidden(below, "must not be specified in a nested context")
        yield from _nested(schema.properties[name], below)
    if schema.HasField("items"):
        held = yield from _message(schema, "items")
        if held is not None:
            yield from _nested(held, f"{path}.items")
    yield from _restrictions(schema, path)


_NOT_NESTED = (
    ("type", "type", "empty"),
    ("additional_properties", "additionalProperties", "undefined"),
    ("default", "default", "undefined"),
    ("title", "title", "empty"),
    ("description", "description", "empty"),
    ("nullable", "nullable", "false"),
    ("x_kubernetes_preserve_unknown_fields", "x-kubernetes-preserve-unknown-fields", "false"),
    ("x_kubernetes_embedded_resource", "x-kubernetes-embedded-resource", "false"),
    ("x_kubernetes_int_or_string", "x-kubernetes-int-or-string", "false"),
    ("x_kubernetes_list_map_keys", "x-kubernetes-list-map-keys", "empty"),
    ("x_kubernetes_list_type", "x-kubernetes-list-type", "undefined"),
    ("x_kubernetes_map_type", "x-kubernetes-map-type", "undefined"),
    ("x_kubernetes_validations", "x-kubernetes-validations", "empty"),
)
_WITH_PRESENCE = {
    "additional_properties",
    "default",
    "x_kubernetes_list_type",
    "x_kubernetes_map_type",
}


def _message(schema: Any, field: str) -> Steps[Any | None]:
    """Read a schema that is held as JSON; ``None`` when it is a bool or a list."""
    value = getattr(schema, field)
    if value.WhichOneof("kind") != "struct_value":
        return None
    held = type(schema)()
    data = yield from free_json.read(value)
    report = yield from decode.steps(data, held)
    return None if report.faults else held


BY_NAME: dict[str, ComputedRule] = {"structural_schema": _structural_schema}

"""What is asked of a schema itself, before any object is held to it.

Source of the rules and their texts: ``k8s.io/apiextensions-apiserver``,
``pkg/apis/apiextensions/validation`` and ``pkg/apiserver/schema``. What the contract of
CustomResourceDefinition asks already is not asked again.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from protocube_server.definitions.crd import bounds, checks, patterns, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube.errors import Violation
    from protocube_server.definitions.crd.schema import Rule, Schema

_SHOWN: Final = 3
"""Places that a warning names."""
_NO_KEY: Final = "entries must all be names of item properties"
_KEY: Final = (
    "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required "
    "property"
)
_NULL_KEY: Final = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"
_SELECTABLE: Final = (
    "must point to a field of type string, boolean or integer. Enum string fields and strings "
    "with formats are allowed."
)


def faults(schema: Schema, where: str, compiled: checks.Checks) -> Iterator[Violation]:
    """Yield what is wrong with a schema at the path ``where``, and with those in it.

    ``compiled`` makes the checks that defaults are held to.
    """
    yield from _Looking(compiled).at(schema, where)


class _Looking:
    """A look at all schemas within one, at those that are there several times once."""

    def __init__(self, compiled: checks.Checks) -> None:
        self._checks = compiled
        self._sound: set[int] = set()
        """The identities of schemas that nothing is wrong with."""

    def at(self, schema: Schema, where: str) -> Iterator[Violation]:
        if id(schema) in self._sound:
            return
        found = [*self._own(schema, where)]
        if not found:
            self._sound.add(id(schema))
        yield from found

    def _own(self, schema: Schema, where: str) -> Iterator[Violation]:
        if schema.pattern:
            try:
                patterns.compile_pattern(schema.pattern)
            except patterns.BadPattern as error:
                detail = f"must be a valid regular expression, but isn't: {error}"
                yield texts.invalid(f"{where}.pattern", schema.pattern, detail)
                return
        yield from _list(schema, where)
        for index, rule in enumerate(schema.rules):
            yield from _rule(schema, rule, f"{where}.x-kubernetes-validations[{index}]")
        below = list(self._below(schema, where))
        yield from below
        # A default is held to its schema, so that has to be sound.
        if schema.has_default and not below:
            yield from _default(schema, f"{where}.default", self._checks)

    def _below(self, schema: Schema, where: str) -> Iterator[Violation]:
        for step, part in schema.parts():
            yield from self.at(part, f"{where}{bounds.shown(step)}")
        for name, several in (
            ("allOf", schema.all_of),
            ("anyOf", schema.any_of),
            ("oneOf", schema.one_of),
        ):
            for index, part in enumerate(several):
                yield from self.at(part, f"{where}.{name}[{index}]")


def _list(schema: Schema, where: str) -> Iterator[Violation]:
    items = schema.items
    if items is None or schema.list_type not in ("map", "set"):
        return
    if items.nullable:
        detail = f"cannot be nullable when x-kubernetes-list-type is {schema.list_type}"
        yield texts.forbidden(f"{where}.items.nullable", detail)
    if schema.list_type == "set":
        return
    for index, key in enumerate(schema.list_map_keys):
        found = items.properties.get(key)
        if found is None:
            place = f"{where}.x-kubernetes-list-map-keys[{index}]"
            yield texts.invalid(place, key, _NO_KEY)
            continue
        place = f"{where}.items.properties[{key}]"
        if key not in items.required and not found.has_default:
            yield texts.required(f"{place}.default", _KEY)
        if found.nullable:
            yield texts.forbidden(f"{place}.nullable", _NULL_KEY)


def _rule(schema: Schema, rule: Rule, place: str) -> Iterator[Violation]:
    if rule.field_path and find(schema, rule.field_path) is None:
        detail = "fieldPath must be a valid path"
        yield texts.invalid(f"{place}.fieldPath", rule.field_path, detail)


def _default(schema: Schema, where: str, compiled: checks.Checks) -> Iterator[Violation]:
    value = schema.default
    if value is None and schema.nullable:
        return
    if _has_unknown(schema, value):
        yield texts.invalid(where, value, "must not have unknown fields")
        return
    for fault in checks.faults(compiled.of(schema), value):
        if fault is not None:
            field = where if fault.field == texts.NOWHERE else f"{where}.{fault.field}"
            yield dataclasses.replace(fault, field=field)


def _has_unknown(schema: Schema, value: Any) -> bool:
    """Tell whether a value has fields that its schema has not."""
    if schema.preserve_unknown or schema.is_open:
        return False
    if isinstance(value, list):
        return schema.items is not None and any(_has_unknown(schema.items, item) for item in value)
    if not isinstance(value, dict):
        return False
    implied = {"apiVersion", "kind", "metadata"} if schema.embedded else set()
    for name, below in value.items():
        part = schema.properties.get(name, schema.additional)
        if part is None and name not in implied:
            return True
        if part is not None and _has_unknown(part, below):
            return True
    return False


def find(schema: Schema, path: str) -> Schema | None:
    """Return the schema at a path of fields and keys, ``.a.b['c']``; ``None`` without one."""
    found: Schema | None = schema
    rest = path
    while rest and found is not None:
        if rest.startswith("['") and "']" in rest:
            name, _, rest = rest[2:].partition("']")
        elif rest.startswith("."):
            plain = rest[1:]
            ends = [at for at in (plain.find("."), plain.find("[")) if at >= 0]
            end = min(ends, default=len(plain))
            name, rest = plain[:end], plain[end:]
        else:
            return None
        found = found.properties.get(name, found.additional) if name else None
    return found


def typed(schema: Schema, path: str) -> Schema | None:
    """Return the schema at a path of fields; ``None`` where there is none, or free JSON above."""
    names = path.removeprefix(".").split(".")
    steps = [".".join(["", *names[: count + 1]]) for count in range(len(names))]
    found = [find(schema, step) for step in steps]
    if any(part is None or part.preserve_unknown for part in found):
        return None
    return found[-1]


def selectable(schema: Schema, paths: Iterable[str], where: str) -> Iterator[Violation]:
    """Yield what is wrong with the paths of the fields that can be selected by."""
    for index, path in enumerate(paths):
        place = f"{where}.selectableFields[{index}].jsonPath"
        found = find(schema, path)
        if found is None:
            detail = "is an invalid path: does not refer to a valid field"
            yield texts.invalid(place, path, detail)
        elif found.type not in ("string", "boolean", "integer"):
            yield texts.invalid(place, path, _SELECTABLE)


def warnings(schema: Schema) -> Iterator[str]:
    """Yield what objects cannot be held to exactly.

    docs/custom-resource-definitions.md tells why.
    """
    for detail, found in (
        ("required, but an empty list or map counts as none, so that is not asked", _required),
        ("free JSON, in which properties keep no types", _untyped),
    ):
        places = list(found(schema, ""))
        if places:
            more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
            yield f"{', '.join(places[:_SHOWN])}{more}: {detail}"


def _required(schema: Schema, where: str) -> Iterator[str]:
    for name in schema.required:
        part = schema.properties.get(name)
        if part is not None and checks.is_list_or_map(part):
            yield f"{where}.{name}"
    for step, part in schema.parts():
        yield from _required(part, f"{where}{step}")


def _untyped(schema: Schema, where: str) -> Iterator[str]:
    if schema.preserve_unknown and schema.properties and where:
        yield where
    for step, part in schema.parts():
        yield from _untyped(part, f"{where}{step}")

"""What is asked of lists and of objects within an object, beyond the types of their values.

Elements of a set, and the keys of elements of a map, are unique; an embedded object says what it
is. Source: ``k8s.io/apiextensions-apiserver/pkg/apiserver/schema``, ``listtype`` and
``objectmeta``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from protocube_server import dns_names
from protocube_server.definitions.crd import texts
from protocube_server.definitions.crd.running import TURN

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from protocube_server.definitions.crd.running import Check, Run
    from protocube_server.definitions.crd.schema import Schema


def of_lists(schema: Schema) -> Check | None:
    """Return the check of all lists in an object; ``None`` when none of them asks for it."""
    return _below(schema, _list_own, {})


def of_objects(schema: Schema) -> Check | None:
    """Return the check of all embedded objects; ``None`` when there are none."""
    return _below(schema, _embedded_own, {})


def _below(
    schema: Schema, own: Callable[[Schema], Check | None], known: dict[int, Check | None]
) -> Check | None:
    """Return a check that asks ``own`` of each value that it has something to say of.

    ``known`` are those that were made, by the identities of schemas.
    """
    if id(schema) not in known:
        known[id(schema)] = _made(schema, own, known)
    return known[id(schema)]


def _made(
    schema: Schema, own: Callable[[Schema], Check | None], known: dict[int, Check | None]
) -> Check | None:
    first = own(schema)
    found = {step: part for step, below in schema.parts() if (part := _below(below, own, known))}
    if first is None and not found:
        return None
    items, values = found.pop("[]", None), found.pop("{}", None)
    properties = {step[1:]: part for step, part in found.items()}

    def check(value: Any, path: str, run: Run) -> None:
        is_dict = value.__class__ is dict
        if not is_dict and value.__class__ is not list:
            return
        if first is not None:
            first(value, path, run)
        if is_dict:
            _members(value, path, run, properties, values)
        elif items is not None:
            places = ((f"{path}[{index}]", item) for index, item in enumerate(value))
            _each(items, places, run, len(value))

    return check


def _members(
    value: Any, path: str, run: Run, properties: Mapping[str, Check], values: Check | None
) -> None:
    start = f"{path}." if path else ""
    for name, part in properties.items():
        if name in value:
            part(value[name], f"{start}{name}", run)
    if values is not None:
        places = ((f"{path}[{key}]", value[key]) for key in sorted(value))
        _each(values, places, run, len(value))


def _each(check: Check, places: Iterable[tuple[str, Any]], run: Run, count: int) -> None:
    if count > TURN:
        run.waiting.append((check, iter(places)))
        return
    for path, item in places:
        check(item, path, run)


def _list_own(schema: Schema) -> Check | None:
    if schema.list_type == "set":
        return _of_set
    if schema.list_type == "map":
        return _of_map(schema.list_map_keys)
    return None


def _of_set(value: Any, path: str, run: Run) -> None:
    for index in _repeated(value):
        run.faults.append(texts.duplicate(f"{path}[{index}]", value[index]))


def _of_map(names: tuple[str, ...]) -> Check:
    def check(value: Any, path: str, run: Run) -> None:
        if len(value) < _FEWEST or any(item.__class__ is not dict for item in value):
            return
        keys = [{name: item[name] for name in names if name in item} for item in value]
        for index in _repeated(keys):
            run.faults.append(texts.duplicate(f"{path}[{index}]", keys[index]))

    return check


_FEWEST: Final = 2
"""A list of fewer elements repeats nothing."""


def _repeated(items: list[Any]) -> list[int]:
    """Return where an element stands for the second time; a third time tells nothing new."""
    seen: dict[Hashable, int] = {}
    found = []
    for index, item in enumerate(items):
        known = _hashable(item)
        times = seen[known] = seen.get(known, 0) + 1
        if times == _FEWEST:
            found.append(index)
    return found


def _hashable(item: Any) -> Hashable:
    if isinstance(item, dict | list):
        return json.dumps(item, sort_keys=True)
    # 1 is not true, and not the text.
    return item.__class__ is bool, item


def _embedded_own(schema: Schema) -> Check | None:
    return _embedded if schema.embedded else None


def _embedded(value: Any, path: str, run: Run) -> None:
    for name in ("apiVersion", "kind"):
        place = f"{path}.{name}"
        if name not in value:
            run.faults.append(texts.required(place, _EMPTY))
        elif not isinstance(value[name], str):
            run.faults.append(texts.invalid(place, value[name], "must be a string"))
        elif not value[name]:
            run.faults.append(texts.invalid(place, "", _EMPTY))
    version, kind = value.get("apiVersion"), value.get("kind")
    if isinstance(version, str) and version.count("/") > 1:
        detail = f"unexpected GroupVersion string: {version}"
        run.faults.append(texts.invalid(f"{path}.apiVersion", version, detail))
    if isinstance(kind, str) and kind and not _is_label(kind.lower()):
        detail = f"may have mixed case, but should otherwise match: {dns_names.LABEL_1035_TEXT}"
        run.faults.append(texts.invalid(f"{path}.kind", kind, detail))
    metadata = value.get("metadata", {})
    if not isinstance(metadata, dict):
        run.faults.append(texts.invalid(f"{path}.metadata", metadata, "must be an object"))


_EMPTY: Final = "must not be empty"


def _is_label(text: str) -> bool:
    return not dns_names.label_1035_faults(text)

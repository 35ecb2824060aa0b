"""Holds data to a schema, as Kubernetes does: verdicts, their order and their words.

A schema is compiled once into functions, one for each value that it speaks of, and an object costs
a call for each value that it has. Long lists and maps are put aside, and gone through in turns.
Source: ``k8s.io/kube-openapi/pkg/validation/validate``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from protocube.manifests import numbers
from protocube.manifests.schema_texts import TYPES
from protocube_server import formats
from protocube_server.definitions.crd import compounds, patterns, texts
from protocube_server.definitions.crd.running import SAME, TURN, Check, Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube.errors import Violation
    from protocube_server.definitions.crd.schema import Schema


class Checks:
    """The checks of schemas, of each that is there several times one."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Schema, Check]] = {}
        """By the identities of schemas, which are held here for that."""

    def of(self, schema: Schema) -> Check:
        """Return the check of a value. Raises ``patterns.BadPattern``."""
        known = self._known.get(id(schema))
        if known is None:
            known = self._known[id(schema)] = schema, _check(schema, self.of)
        return known[1]


Compile = Callable[["Schema"], Check]
"""Returns the check of a schema within another one."""


def faults(
    check: Check, data: Any, originals: Mapping[int, Any] = MappingProxyType({})
) -> Iterator[Violation | None]:
    """Yield what is wrong with ``data``, and ``None`` where others may have their turn."""
    run = Run(originals)
    check(data, "", run)
    yield None
    for _ in run.finish():
        yield None
    yield from run.faults


def _nothing(_value: Any, _path: str, _run: Run) -> None:
    """Check nothing: any value fits."""


def _check(schema: Schema, of: Compile) -> Check:
    steps = [step for step in _steps(schema, of) if step is not _nothing]
    wanted = _types(schema)
    known = schema.format if formats.check(schema.format) else ""
    if not steps and not wanted:
        return _nothing

    def check(value: Any, path: str, run: Run) -> None:
        if value is SAME:
            return
        found = TYPES[value.__class__]
        if value is None:
            if wanted and not schema.nullable:
                run.faults.append(texts.not_of_type(path, "null", ",".join(wanted)))
            if enumerated is not None:
                enumerated(value, path, run)
            return
        if wanted and found not in wanted and not _fits(value, found, wanted, known):
            run.faults.append(texts.not_of_type(path, found, ",".join(wanted)))
        for step in steps:
            step(value, path, run)

    enumerated = _enumerated(schema.enum) if schema.enum is not None else None
    return check


def _types(schema: Schema) -> tuple[str, ...]:
    if schema.int_or_string:
        return ("integer", "string")
    return (schema.type,) if schema.type else ()


def _fits(value: Any, found: str, wanted: tuple[str, ...], form: str) -> bool:
    """Tell whether a value fits though its type is called otherwise."""
    if found == "integer":
        return "number" in wanted
    if found == "number":
        return "integer" in wanted and float(value).is_integer()
    is_numeric = "number" in wanted or "integer" in wanted
    # A list or a text under a format is held to the format alone.
    return bool(form) and found in ("string", "array") and not is_numeric


def _steps(schema: Schema, of: Compile) -> Iterator[Check]:
    """Yield what is asked of a value that is not null, in Kubernetes' order."""
    yield from compounds.of(schema, of)
    yield _text(schema)
    yield _number(schema)
    yield _list(schema, of)
    if schema.enum is not None:
        yield _enumerated(schema.enum)
    yield _object(schema, of)


def _text(schema: Schema) -> Check:
    least, most, pattern = schema.min_length, schema.max_length, schema.pattern
    search = patterns.compile_pattern(pattern) if pattern else None
    is_format = formats.check(schema.format)
    if least is None and most is None and search is None and is_format is None:
        return _nothing

    def check(value: Any, path: str, run: Run) -> None:
        if value.__class__ is not str:
            return
        if most is not None and len(value) > most:
            run.faults.append(texts.too_long(path, most))
        elif least is not None and len(value) < least:
            detail = f"should be at least {least} chars long"
            run.faults.append(texts.in_body(path, value, detail))
        elif search is not None and search(value) is None:
            run.faults.append(texts.in_body(path, value, f"should match '{pattern}'"))
        if is_format is not None and not is_format(value):
            run.faults.append(texts.not_of_type(path, value, schema.format))

    return check


def _number(schema: Schema) -> Check:
    low, high, factor = schema.minimum, schema.maximum, schema.multiple_of
    if low is None and high is None and factor is None:
        return _nothing

    def check(value: Any, path: str, run: Run) -> None:
        if not isinstance(value, int | float) or value.__class__ is bool:
            return
        if factor is not None and not _is_multiple(value, factor):
            detail = f"should be a multiple of {numbers.text(factor)}"
            run.faults.append(texts.in_body(path, value, detail))
        if low is not None and (value <= low if schema.exclusive_minimum else value < low):
            than = "than" if schema.exclusive_minimum else "than or equal to"
            detail = f"should be greater {than} {numbers.text(low)}"
            run.faults.append(texts.in_body(path, value, detail))
        if high is not None and (value >= high if schema.exclusive_maximum else value > high):
            than = "than" if schema.exclusive_maximum else "than or equal to"
            detail = f"should be less {than} {numbers.text(high)}"
            run.faults.append(texts.in_body(path, value, detail))

    return check


def _is_multiple(value: float, factor: float) -> bool:
    if isinstance(value, int) and float(factor).is_integer():
        return value % int(factor) == 0
    quotient = 1 / factor * value if factor < 1 else value / factor
    # go-openapi's tolerance for what floats cannot say.
    return math.isclose(quotient, round(quotient), rel_tol=1e-9, abs_tol=1e-9)


def _list(schema: Schema, of: Compile) -> Check:
    least, most = schema.min_items, schema.max_items
    below = of(schema.items) if schema.items is not None else _nothing
    if below is _nothing and least is None and most is None:
        return _nothing

    def check(value: Any, path: str, run: Run) -> None:
        if value.__class__ is not list:
            return
        if below is not _nothing:
            if len(value) <= TURN:
                for index, item in enumerate(value):
                    below(item, f"{path}[{index}]", run)
            elif most is None or len(value) <= most:
                places = ((f"{path}[{index}]", item) for index, item in enumerate(value))
                run.waiting.append((below, places))
        if least is not None and len(value) < least:
            detail = f"should have at least {least} items"
            run.faults.append(texts.in_body(path, len(value), detail))
        if most is not None and len(value) > most:
            run.faults.append(texts.too_many(path, len(value), most))

    return check


def _enumerated(values: tuple[Any, ...]) -> Check:
    # True is no 1 in JSON.
    scalars = {(item.__class__ is bool, item) for item in values if _is_scalar(item)}
    others = [item for item in values if not _is_scalar(item)]

    def check(value: Any, path: str, run: Run) -> None:
        value = run.whole(value)
        if _is_scalar(value):
            is_known = (value.__class__ is bool, value) in scalars
        else:
            is_known = value in others
        if not is_known:
            run.faults.append(texts.unsupported(path, value, values))

    return check


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _object(schema: Schema, of: Compile) -> Check:
    parts = [_size_of_object(schema), _values(schema, of), _properties(schema, of)]
    busy = [part for part in parts if part is not _nothing]
    if not busy:
        return _nothing

    def check(value: Any, path: str, run: Run) -> None:
        if value.__class__ is dict:
            for part in busy:
                part(value, path, run)

    return check


def _size_of_object(schema: Schema) -> Check:
    least, most = schema.min_properties, schema.max_properties
    if least is None and most is None:
        return _nothing

    def check(value: Any, path: str, run: Run) -> None:
        if least is not None and len(value) < least:
            detail = f"should have at least {least} properties"
            run.faults.append(texts.in_body(path, len(value), detail))
        if most is not None and len(value) > most:
            run.faults.append(texts.too_many(path, len(value), most))

    return check


def _values(schema: Schema, of: Compile) -> Check:
    """The values of a map."""
    below = of(schema.additional) if schema.additional is not None else _nothing
    most = schema.max_properties
    if below is _nothing:
        return _nothing

    def check(value: Any, path: str, run: Run) -> None:
        start = f"{path}." if path else ""
        places = ((f"{start}{key}", item) for key, item in sorted(value.items()))
        if len(value) <= TURN:
            for place, item in places:
                below(item, place, run)
        elif most is None or len(value) <= most:
            run.waiting.append((below, places))

    return check


def _properties(schema: Schema, of: Compile) -> Check:
    """Each property that is there, and those that have to be there."""
    every = {name: of(part) for name, part in schema.properties.items()}
    properties = {name: part for name, part in every.items() if part is not _nothing}
    # Null is as good as nothing, and so is an empty list.
    spared = {
        name for name, part in schema.properties.items() if part.nullable or is_list_or_map(part)
    }
    needed = [name for name in schema.required if name not in spared]
    if not properties and not needed:
        return _nothing

    def check(value: Any, path: str, run: Run) -> None:
        start = f"{path}." if path else ""
        for name, part in properties.items():
            if name in value:
                part(value[name], f"{start}{name}", run)
        for name in needed:
            if name not in value:
                run.faults.append(texts.required(f"{start}{name}"))

    return check


def is_list_or_map(schema: Schema) -> bool:
    """Tell whether a value is a field that cannot tell empty from absent."""
    if schema.preserve_unknown:
        return False
    is_map = schema.type == "object" and schema.additional is not None
    return schema.type == "array" or is_map

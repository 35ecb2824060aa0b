"""The rules of one field as conditions in Python that are true only where they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf import unknown_fields

from protocube import descriptor_options
from protocube.api.v1 import rules_pb2
from protocube.vendor.buf.validate import validate_pb2
from protocube_server.kinds.prechecks import judging, translating
from protocube_server.kinds.prechecks.translating import UNSURE, Place, Translation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import FieldDescriptor

    from protocube_server.kinds.prechecks.writing import Names

_APART: Final = {"required", "ignore"}
"""Rules that tell when the others are asked."""
_CEL: Final = {"cel", "cel_expression"}
_ELEMENTS: Final = {"items", "keys", "values"}
_OF_TEXTS: Final = {
    "const": "{0} == {1}",
    "len": "len({0}) == {1}",
    "min_len": "len({0}) >= {1}",
    "max_len": "len({0}) <= {1}",
    "len_bytes": "len({0}.encode()) == {1}",
    "min_bytes": "len({0}.encode()) >= {1}",
    "max_bytes": "len({0}.encode()) <= {1}",
    "prefix": "{0}.startswith({1})",
    "suffix": "{0}.endswith({1})",
    "contains": "{1} in {0}",
    "not_contains": "{1} not in {0}",
    "in": "{0} in {1}",
    "not_in": "{0} not in {1}",
}
_OF_NUMBERS: Final = {
    "const": "{0} == {1}",
    "gt": "{0} > {1}",
    "gte": "{0} >= {1}",
    "lt": "{0} < {1}",
    "lte": "{0} <= {1}",
    "in": "{0} in {1}",
    "not_in": "{0} not in {1}",
}
_OF_BYTES: Final = {
    "len": "len({0}) == {1}",
    "min_len": "len({0}) >= {1}",
    "max_len": "len({0}) <= {1}",
}
_OF_LISTS: Final = {"min_items": "len({0}) >= {1}", "max_items": "len({0}) <= {1}"}
_OF_MAPS: Final = {"min_pairs": "len({0}) >= {1}", "max_pairs": "len({0}) <= {1}"}
_INTEGERS: Final = ("int32", "int64", "uint32", "uint64", "sint32", "sint64")
_FIXED: Final = ("fixed32", "fixed64", "sfixed32", "sfixed64")
_KNOWN: Final = {
    "string": _OF_TEXTS,
    "bytes": _OF_BYTES,
    "bool": {"const": "{0} == {1}"},
    "repeated": _OF_LISTS,
    "map": _OF_MAPS,
    **dict.fromkeys((*_INTEGERS, *_FIXED, "float", "double"), _OF_NUMBERS),
}
_NEVER_WRONG: Final = {"example"}
_MANY_PATTERNS: Final = 2
"""So many in one rule cost more than to look whether the text is known."""


def of_rules(
    rules: Any, place: Place, field: FieldDescriptor, names: Names, *, patterns: bool
) -> Iterator[str]:
    """Yield the conditions of the rules on the value at ``place``, but for those on elements.

    ``field`` has the value, or the elements of which it is one.
    """
    if has_unknown(rules):
        yield UNSURE
        return
    for item, value in rules.ListFields():
        if item.name in _APART:
            continue
        if item.name in _CEL:
            is_plain = place.form != translating.ONE or translating.is_plain(field)
            translation = Translation(place, names.constant, patterns=patterns)
            for rule in value:
                text = rule if isinstance(rule, str) else rule.expression
                if is_plain:
                    yield translation.condition(text)
                else:
                    yield translation.kind_of(text) if translating.is_free(field) else UNSURE
        else:
            yield from _of_type(item.name, value, place, field, names, patterns=patterns)


def has_unknown(rules: Any) -> bool:
    """Tell whether there are rules that were declared elsewhere, or by a later release."""
    return bool(len(unknown_fields.UnknownFieldSet(rules)))


def _of_type(
    of: str, rules: Any, place: Place, field: FieldDescriptor, names: Names, *, patterns: bool
) -> Iterator[str]:
    """Yield the conditions of the rules that values of one type have."""
    known = _KNOWN.get(of)
    wraps: Any = field.message_type
    is_wrapped = (
        wraps is not None
        and place.form == translating.ONE
        and wraps.full_name.startswith("google.protobuf.")
    )
    if known is None or is_wrapped or has_unknown(rules) or _is_outside(rules):
        yield UNSURE
        return
    for item, value in rules.ListFields():
        if item.is_extension:
            yield _of_predefined(item, value, place, names)
        elif item.name in known:
            given = names.constant(frozenset(value)) if item.is_repeated else repr(value)
            yield f"({known[item.name].format(place.text, given)})"
        elif item.name == "pattern" and patterns and (search := judging.pattern(value)):
            yield translating.searched(names.constant(search), place.text)
        elif item.name == "unique":
            yield f"(len(set({place.text})) == len({place.text}))" if _is_scalar(field) else UNSURE
        elif item.name not in _ELEMENTS and item.name not in _NEVER_WRONG:
            yield UNSURE


def _of_predefined(extension: FieldDescriptor, value: Any, place: Place, names: Names) -> str:
    """Return the condition of a rule that is declared once for many fields."""
    declared: Any = descriptor_options.of_field(extension).Extensions[validate_pb2.predefined]
    is_ours = extension.full_name.startswith(f"{rules_pb2.DESCRIPTOR.package}.")
    if not (is_ours and declared.cel and isinstance(value, bool)) or has_unknown(declared):
        return UNSURE
    this = Place(text="this")
    # Ours are written for what goes back in a text, too.
    translation = Translation(this, names.constant, rule=value, patterns=True)
    text = " and ".join(translation.condition(rule.expression) for rule in declared.cel)
    holds = names.function(f"{extension.full_name} {value!r}", text)
    if text.count(" is not None if ") >= _MANY_PATTERNS:
        known = names.known(holds)
        return f"({place.text} in {known}_texts or {known}({place.text}))"
    return f"{holds}({place.text})"


def _is_outside(rules: Any) -> bool:
    """Tell whether bounds are such that a value must not be between them."""
    bounds = {item.name: value for item, value in rules.ListFields()}
    most = bounds.get("lt", bounds.get("lte"))
    least = bounds.get("gt", bounds.get("gte"))
    return most is not None and least is not None and most <= least


def _is_scalar(field: FieldDescriptor) -> bool:
    return field.message_type is None and translating.is_plain(field)

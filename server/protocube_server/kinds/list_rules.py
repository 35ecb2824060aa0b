"""What the contract asks of the lists and maps of a message type, as far as they can be cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import descriptor_options, memo
from protocube.vendor.buf.validate import validate_pb2
from protocube_server.kinds import spoken

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from protocube_server.kinds.spoken import Spoken

_APART = {"items", "keys", "values"}
"""Rules of a list or a map that are on its elements."""
_LEAST = {"min_items", "min_pairs"}
_MOST = {"max_items", "max_pairs"}
_FIELD = {"cel", "cel_expression", "ignore", "map", "repeated", "required"}
_THIS = "this"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRules:
    """What is asked of one field."""

    holds_lists: bool
    """Whether there can be lists or maps in the messages that it holds."""
    is_ignored: bool
    """Whether nothing is."""
    most: int | None
    """The elements it may have."""
    least: int | None
    """So many elements are enough to tell whether there are too few; ``None`` when rules on the
    field speak of what they are."""

    def kept(self, name: str, around: Spoken) -> int | None:
        """Return how many elements the rules on the list and around it can tell apart.

        ``None`` when they speak of the elements.
        """
        if self.least is None or name in around.words:
            return None
        return max(self.least, around.sizes.get(name, 0) + 1)


def _on(descriptor: Descriptor) -> dict[int, ListRules]:
    return {field.number: _of(field) for field in descriptor.fields}


def _of(field: FieldDescriptor) -> ListRules:
    rules: Any = descriptor_options.of_field(field).Extensions[validate_pb2.field]
    most = None
    if rules.repeated.HasField("max_items"):
        most = int(rules.repeated.max_items)
    elif rules.map.HasField("max_pairs"):
        most = int(rules.map.max_pairs)
    return ListRules(
        holds_lists=_has_lists(held_type(field)),
        is_ignored=rules.ignore == validate_pb2.IGNORE_ALWAYS,
        most=most,
        least=_least(rules),
    )


def held_type(field: FieldDescriptor) -> Descriptor | None:
    """Return the type of the contract's messages that a field holds, of a map as its values."""
    one = descriptor_options.map_values(field) or field
    held: Any = one.message_type  # of one implementation or the other
    is_ours = held is not None and not held.full_name.startswith("google.protobuf.")
    return held if is_ours else None


def _has_lists(descriptor: Descriptor | None) -> bool:
    """Tell whether messages of a type, or what is in them, can have lists or maps."""
    seen: set[str] = set()
    left = [descriptor]
    while left:
        current = left.pop()
        if current is None or current.full_name in seen:
            continue
        seen.add(current.full_name)
        if any(field.is_repeated for field in current.fields):
            return True
        left += [held_type(field) for field in current.fields]
    return False


def _least(rules: Any) -> int | None:
    own = spoken.by_rules(rules)
    if _THIS in own.words or {field.name for field, _ in rules.ListFields()} - _FIELD:
        return None
    least = own.sizes.get(_THIS, 0) + 1
    for part in (rules.repeated, rules.map):
        for field, value in part.ListFields():
            if field.name in _LEAST:
                least = max(least, int(value))
            elif field.name not in _APART | _MOST:
                return None
    return least


on = memo.by_message_type(_on)
"""Returns what is asked of each field of a message type, by its number."""

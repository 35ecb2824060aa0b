"""Faults that an object had before an update, in what the update does not change.

A rule that is newer than an object must not make it untouchable. As in Kubernetes
(``validation/ratcheting.go``) a fault does not count when the value at its place is equal to
the one before, and the one before had the same fault. Elements of a list are found again by
being equal or by its merge key, so that they may move. What is changed is held to all
rules, and the way back is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from protocube import descriptor_options
from protocube_server.kinds import field_names, violations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube import errors

_ITSELF = "*"
"""As a merge key: the scalar."""
_STEP = re.compile(r"([A-Za-z0-9$_-]+)((?:\[[^\]]*\])?)\.?")
_INVALID = "Invalid value: "
_QUOTED = re.compile('": ')
"""What may be the end of the value that a fault shows."""
_OF_ALL = ("api_version", "kind", "metadata", "status")
"""What a rule on a whole object is not about."""
_NEW = -1


def counting(
    old: Message,
    new: Message,
    found: Iterable[errors.Violation],
    before: Iterable[errors.Violation],
) -> Iterator[errors.Violation | None]:
    """Yield those of ``found`` in ``new`` that count, because ``old`` did not have them.

    ``before`` is all that is wrong with ``old``. After each comes a ``None``: there others may
    have their turn.
    """
    had = Counter((fault.field, fault.reason, fault.message) for fault in before)
    elements = _Elements()
    for fault in found:
        place = _place_before(old, new, fault, elements)
        known = ("" if place is None else place, fault.reason, fault.message)
        if place is None or not had[known]:
            yield fault
        else:
            # Each excuses one: the same fault a second time is a new one.
            had[known] -= 1
        yield None


@dataclass(slots=True, kw_only=True)
class _Walk:
    """Two values, before and after, that are said to be of the same place."""

    old: Any
    new: Any
    path: str = ""
    """The place of the old one."""


def _place_before(
    old: Message, new: Message, fault: errors.Violation, elements: _Elements
) -> str | None:
    """Return where in ``old`` the place of a fault was, if nothing has changed there."""
    if fault.field in ("", violations.WHOLE):
        return fault.field if _without_metadata(old) == _without_metadata(new) else None
    walk = _Walk(old=old, new=new)
    rest = fault.field
    while rest and isinstance(walk.new, Message):
        step = _STEP.match(rest)
        name = field_names.by_json_name(type(walk.new)).get(step[1]) if step else None
        if step is None or name is None:
            break
        if not _go(walk, name, step[1], step[2][1:-1]):
            return None
        rest = rest[step.end() :]
    path = f"{walk.path}.{rest}" if rest else walk.path
    if walk.old == walk.new:
        return path
    if hasattr(walk.new, "items"):
        return path if _is_of_an_old_entry(walk, fault) else None
    if hasattr(walk.new, "append"):
        return path if elements.has(walk.path, walk.old, fault) else None
    return None


def _go(walk: _Walk, name: str, shown: str, subscript: str) -> bool:
    """Go one step on; tell whether the value has a counterpart before the update."""
    field: Any = type(walk.new).DESCRIPTOR.fields_by_name[name]
    walk.old, walk.new = getattr(walk.old, name), getattr(walk.new, name)
    walk.path = f"{walk.path}.{shown}" if walk.path else shown
    if not subscript:
        return True
    if hasattr(walk.new, "items"):
        keys = {str(key): key for key in walk.new}
        key = keys.get(subscript)
        if key is None or key not in walk.old:
            return False
        walk.old, walk.new = walk.old[key], walk.new[key]
        walk.path += f"[{subscript}]"
        return True
    if not subscript.isdigit() or int(subscript) >= len(walk.new):
        return False
    index = _index_before(walk, field, int(subscript))
    if index == _NEW:
        return False
    walk.old, walk.new = walk.old[index], walk.new[int(subscript)]
    walk.path += f"[{index}]"
    return True


def _index_before(walk: _Walk, field: Any, index: int) -> int:
    """Return where in the old list the element was that is at ``index`` now; -1 for a new one.

    It is the one that is equal, or else the one of the same merge key, and in a list without
    one the one at the same index.
    """
    element = walk.new[index]
    # One that has not moved is found first.
    places: list[int] = [*range(len(walk.old))]
    if index < len(places):
        places.insert(0, index)
    for place in places:
        if walk.old[place] == element:
            return place
    key = descriptor_options.api_field(field).merge_key
    if key in ("", _ITSELF) or not isinstance(element, Message):
        return index if index < len(walk.old) else _NEW
    name = field_names.by_json_name(type(element))[key]
    for place in places:
        if getattr(walk.old[place], name) == getattr(element, name):
            return place
    return _NEW


def _is_of_an_old_entry(walk: _Walk, fault: errors.Violation) -> bool:
    """Tell whether a fault that is reported at a map is one of an entry that stays as it was."""

    def names(entry: tuple[Any, Any]) -> bool:
        texts = (f"{_INVALID}{violations.shown(part)}: " for part in entry)
        return any(fault.message.startswith(text) for text in texts)

    old = dict(walk.old.items())
    kept: list[tuple[Any, Any]] = []
    changed: list[tuple[Any, Any]] = []
    for key, value in walk.new.items():
        entries = kept if key in old and old[key] == value else changed
        entries.append((key, value))
    return any(map(names, kept)) and not any(map(names, changed))


class _Elements:
    """The scalars of the lists of an old object, as faults show them."""

    def __init__(self) -> None:
        self._shown: dict[str, frozenset[str]] = {}

    def has(self, path: str, scalars: Iterable[Any], fault: errors.Violation) -> bool:
        """Tell whether a fault that is reported at the list ``path`` is one of ``scalars``."""
        known = self._shown.get(path)
        if known is None:
            texts = (_INVALID + violations.shown(item) for item in scalars)
            known = self._shown[path] = frozenset(texts)
        return any(
            fault.message[: end.end() - 2] in known for end in _QUOTED.finditer(fault.message)
        )


def _without_metadata(message: Message) -> Message:
    plain = type(message)()
    plain.CopyFrom(message)
    for name in _OF_ALL:
        if name in plain.DESCRIPTOR.fields_by_name:
            plain.ClearField(name)
    return plain

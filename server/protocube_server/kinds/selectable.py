"""The fields of a kind that a field selector can name, as its descriptor says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import descriptor_options, selectors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor

_Path = tuple[str, ...]
"""The names of fields, down plain messages."""


class SelectableFields:
    """The selectable fields of one message type."""

    def __init__(self, descriptor: Descriptor) -> None:
        self._paths: dict[str, list[_Path]] = {}
        """By the name that a selector uses; in the order of their fields."""
        for name, path in _selectable(descriptor):
            self._paths.setdefault(name, []).append(path)

    def parse(self, text: str) -> selectors.Selector:
        """Parse a selector. Raises ``selectors.SelectorError``."""
        return selectors.parse_fields(text, known=self._paths.keys())

    def values(self, message: Any) -> dict[str, str]:
        """Return the fields of an object as text; unset ones are empty, and numbers zero."""
        found = {}
        for name, paths in self._paths.items():
            values = (_value(message, path) for path in paths)
            found[name] = _text(next(filter(None, values), _value(message, paths[0])))
        return found


def _value(message: Any, path: _Path) -> Any:
    for name in path:
        message = getattr(message, name)
    return message


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _selectable(
    descriptor: Any,
    above: str = "",
    path: _Path = (),
    seen: tuple[str, ...] = (),
    *,
    whole: bool = False,
) -> Iterator[tuple[str, _Path]]:
    """Yield the name and the path of each selectable field. ``whole``: all fields are."""
    for item in descriptor.fields:
        here = (*path, item.name)
        below = item.message_type
        option = descriptor_options.api_field(item)
        # A message is selectable by what it holds: `involvedObject.name`.
        if below is None and not item.is_repeated:
            if option.selectable or whole:
                yield above + item.json_name, here
            for name in option.selectable_as:
                yield name, here
        if below is None or item.is_repeated or below.full_name in seen:
            continue
        if below.full_name.startswith("google.protobuf."):
            continue
        # Templates hold whole objects of another kind: their fields are not this object's.
        if below.full_name.endswith("TemplateSpec"):
            continue
        yield from _selectable(
            below,
            f"{above}{item.json_name}.",
            here,
            (*seen, below.full_name),
            whole=option.selectable,
        )

"""The fields of a kind that a field selector can name, as its descriptor says."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from protocube import descriptor_options, selectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from google.protobuf.descriptor import Descriptor

NAME: Final = "metadata.name"
NAMESPACE: Final = "metadata.namespace"

_Path = tuple[str, ...]
"""The names of fields, down plain messages."""


class SelectableFields:
    """The selectable fields of one message type."""

    def __init__(self, descriptor: Descriptor) -> None:
        paths: dict[str, list[_Path]] = {}
        for name, path in _selectable(descriptor):
            paths.setdefault(name, []).append(path)
        self._readers = {name: _reader(found) for name, found in paths.items()}
        """By the name that a selector uses; in the order of their fields."""
        self.names = tuple(name for name in paths if name not in (NAME, NAMESPACE))
        """Those that no key tells, in the order of :meth:`texts`."""
        self._together = _together([paths[name] for name in self.names])

    def parse(self, text: str) -> selectors.Selector:
        """Parse a selector. Raises ``selectors.SelectorError``."""
        return selectors.parse_fields(text, known=self._readers.keys())

    def reader(self, name: str) -> Callable[[Any], str]:
        """Return what reads a field of an object as text; unset ones are empty, numbers zero."""
        return self._readers[name]

    def texts(self, message: Any) -> tuple[str, ...]:
        """Return the fields of an object that no key tells as text."""
        if self._together is None:
            return tuple(self._readers[name](message) for name in self.names)
        values = self._together(message)
        # Nearly all are text already, and every object that is kept comes by here.
        return tuple(value if type(value) is str else _text(value) for value in values)


def _reader(paths: Sequence[_Path]) -> Callable[[Any], str]:
    """Return what reads the first of some fields that is set."""
    first, *others = (attrgetter(".".join(path)) for path in paths)

    def read(message: Any) -> str:
        value = first(message)
        for other in others:
            value = value or other(message)
        return _text(value or first(message))

    return read


def _together(paths: Sequence[Sequence[_Path]]) -> Callable[[Any], tuple[Any, ...]] | None:
    """Return what reads several fields at once, where each has one path alone."""
    if len(paths) > 1 and all(len(each) == 1 for each in paths):
        return attrgetter(*(".".join(path) for (path,) in paths))
    return None


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
        # Templates hold whole objects of another kind: their fields are not this object's. What is
        # made of a schema is called by its place, and says itself what is selectable.
        is_template = below.full_name.endswith("TemplateSpec")
        if is_template and not descriptor_options.is_of_schema(below):
            continue
        yield from _selectable(
            below,
            f"{above}{item.json_name}.",
            here,
            (*seen, below.full_name),
            whole=option.selectable,
        )

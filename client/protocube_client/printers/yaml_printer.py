"""``-o yaml``: as kubectl writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

import yaml
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from protocube_client.printers import lists, numbers, yaml_keys, yaml_scalars

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocube_client.printers.printable import Printable

_IMPLICIT = (True, True)
_WIDTH = 80
# Line breaks to YAML only; the emitter would put spaces beside them.
_ODD_BREAKS = frozenset("\x85\u2028\u2029")


class YamlPrinter:
    """Prints a YAML document an object, ``---`` between them; with ``as_list`` one List."""

    def __init__(self, *, as_list: bool = False) -> None:
        self._as_list = as_list
        self._printed = False

    def print(self, objects: Sequence[Printable], stream: TextIO) -> None:
        """Write ``objects`` to ``stream``."""
        for document in lists.documents(objects, as_list=self._as_list):
            if self._printed:
                stream.write("---\n")
            self._printed = True
            stream.write(text(document))


def text(value: object) -> str:
    """Return ``value`` as a YAML document."""
    # The emitter is libyaml's, of which kubectl's is a port: where a line is folded and
    # what needs single quotes are its decisions. The styles asked for are ours.
    written: str = yaml.emit(
        _stream(value), Dumper=yaml.CDumper, allow_unicode=True, width=_WIDTH, indent=2
    )
    # Written after a block that keeps its trailing line breaks; kubectl does not.
    return written.removesuffix("...\n")


def _stream(value: object) -> Iterator[Event]:
    yield StreamStartEvent()
    yield DocumentStartEvent(explicit=False)
    yield from _events(value)
    yield DocumentEndEvent(explicit=False)
    yield StreamEndEvent()


def _events(value: object) -> Iterator[Event]:
    if isinstance(value, dict):
        yield MappingStartEvent(None, None, implicit=True, flow_style=not value)
        for key in yaml_keys.ordered(value):
            yield _string(key)
            yield from _events(value[key])
        yield MappingEndEvent()
    elif isinstance(value, list | tuple):
        yield SequenceStartEvent(None, None, implicit=True, flow_style=not value)
        for item in value:
            yield from _events(item)
        yield SequenceEndEvent()
    elif isinstance(value, str):
        yield _string(value)
    else:
        yield ScalarEvent(None, None, _IMPLICIT, _plain(value))


def _string(text: str) -> ScalarEvent:
    style = None
    if "\n" in text:
        style = "|"
    elif yaml_scalars.is_special(text) or not _ODD_BREAKS.isdisjoint(text):
        style = '"'
    return ScalarEvent(None, None, _IMPLICIT, text, style=style)


def _plain(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return numbers.shortest(value)

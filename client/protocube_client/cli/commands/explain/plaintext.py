"""The form that kubectl explains fields in."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor

    from protocube_client.cli.commands.explain.options import Wanted
    from protocube_client.cli.commands.explain.schema import Field, Schema

_WIDTH = 76
"""Columns of a description, without its margin."""
_SHOWN_VALUES = 4
"""How many of a field's values are shown in a list of fields."""


def lines(wanted: Wanted, schema: Schema, *, recursive: bool) -> Iterator[str]:
    """Yield what is wanted, line by line.

    Raises :class:`CommandError` for a field that is not there, behind the lines that name
    the kind.
    """
    resource = wanted.resource
    if resource.group:
        yield f"GROUP:      {resource.group}"
    yield from (f"KIND:       {resource.kind}", f"VERSION:    {resource.version}", "")
    below: Descriptor | None = resource.descriptor
    described: list[str] = []
    if wanted.path:
        field = schema.field(resource.descriptor, wanted.path)
        if field is None:
            raise CommandError(f'field "{wanted.path[-1]}" does not exist')
        yield f"FIELD: {field.name} <{field.type}>"
        if field.values:
            yield from ("ENUM:", *(f"    {_shown(value)}" for value in field.values))
        yield from ("", "") if not field.values else ("",)
        described.append(field.description)
        below = field.below
    if below is not None:
        described.append(schema.description(below))
    yield "DESCRIPTION:"
    text = list(dict.fromkeys(part for part in described if part))
    yield from _wrapped("\n".join(text) if text else "<empty>", _WIDTH, "    ")
    if text:
        # The template of kubectl indents the end of a description, too.
        yield "    "
    if below is not None:
        yield "FIELDS:"
        yield from _fields(below, schema, level=1, above=()) if recursive else _each(below, schema)
    yield ""


def _each(message: Descriptor, schema: Schema) -> Iterator[str]:
    """Yield the fields of a message with what they mean."""
    for field in schema.fields(message):
        yield from _heading(field, "  ")
        yield from _wrapped(field.description or "<no description>", _WIDTH, "    ")
        yield ""


def _fields(
    message: Descriptor, schema: Schema, *, level: int, above: tuple[str, ...]
) -> Iterator[str]:
    """Yield the fields of a message and of all below it; a message in itself is left out."""
    if message.full_name in above:
        return
    for field in schema.fields(message):
        yield from _heading(field, "  " * level)
        if field.below is not None:
            inside = (*above, message.full_name)
            yield from _fields(field.below, schema, level=level + 1, above=inside)


def _heading(field: Field, margin: str) -> Iterator[str]:
    required = " -required-" if field.required else ""
    yield f"{margin}{field.name}\t<{field.type}>{required}"
    if field.values:
        shown = ", ".join(map(_shown, field.values[:_SHOWN_VALUES]))
        more = ", ...." if len(field.values) > _SHOWN_VALUES else ""
        yield f"{margin}enum: {shown}{more}"


def _shown(value: str) -> str:
    return value or '""'


def _wrapped(text: str, width: int, margin: str) -> Iterator[str]:
    for paragraph in text.split("\n"):
        for line in wrapped(paragraph, width):
            yield f"{margin}{line}"


def wrapped(paragraph: str, width: int) -> list[str]:
    """Return a paragraph in lines of at most ``width`` columns, but for longer words."""
    return textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False) or [""]

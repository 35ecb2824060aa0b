"""The form that kubectl explained fields in before: ``-o plaintext-openapiv2``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_client.cli.commands.explain import plaintext
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor

    from protocube_client.cli.commands.explain.options import Wanted
    from protocube_client.cli.commands.explain.schema import Field, Schema

_WIDTH = 80
"""Columns of a line, with its margin."""
_OBJECT = "Object"
_PLAIN = {"IntOrString": "string", "Quantity": "string", "FieldsV1": _OBJECT}


def lines(wanted: Wanted, schema: Schema, *, recursive: bool) -> Iterator[str]:
    """Yield what is wanted, line by line.

    Raises :class:`CommandError` for a field that is not there, before any line.
    """
    resource = wanted.resource
    field, below = _field(wanted, schema)
    yield from (f"KIND:     {resource.kind}", f"VERSION:  {resource.api_version}", "")
    if field is not None:
        heading = "FIELD:   " if below is None else "RESOURCE:"
        yield from (f"{heading} {field.name} <{_type(field)}>", "")
    yield "DESCRIPTION:"
    described = [field.description] if field is not None else []
    if below is not None:
        described.append(schema.description(below))
    texts = list(dict.fromkeys(text for text in described if text))
    yield from _wrapped(texts or ["<empty>"], "     ")
    if below is None:
        return
    yield from ("", "FIELDS:")
    if recursive:
        yield from _names(below, schema, margin="   ", above=())
        return
    for item in schema.fields(below):
        required = " -required-" if item.required else ""
        yield f"   {item.name}\t<{_type(item)}>{required}"
        yield from _wrapped([item.description], "     ")
        yield ""


def _field(wanted: Wanted, schema: Schema) -> tuple[Field | None, Descriptor | None]:
    """Return the field that is wanted, if it is one, and the message that it holds."""
    place: Descriptor | None = wanted.resource.descriptor
    field: Field | None = None
    for name in wanted.path:
        if place is None:
            # kubectl stops at the first field that has none below it.
            break
        field = schema.field(place, (name,))
        if field is None:
            raise CommandError(f'field "{name}" does not exist')
        place = field.below
    return field, place


def _names(
    message: Descriptor, schema: Schema, *, margin: str, above: tuple[str, ...]
) -> Iterator[str]:
    if message.full_name in above:
        return
    for field in schema.fields(message):
        yield f"{margin}{field.name}\t<{_type(field)}>"
        if field.below is not None:
            inside = (*above, message.full_name)
            yield from _names(field.below, schema, margin=f"{margin}   ", above=inside)


def _type(field: Field) -> str:
    kind = _OBJECT if field.below is not None else _PLAIN.get(field.kind, field.kind)
    return f"{field.prefix}{kind}"


def _wrapped(texts: list[str], margin: str) -> Iterator[str]:
    """Yield texts in lines, an empty one between two of them."""
    for number, text in enumerate(texts):
        if number:
            yield ""
        for paragraph in text.split("\n"):
            for line in plaintext.wrapped(paragraph, _WIDTH - len(margin)):
                yield f"{margin}{line}".rstrip()

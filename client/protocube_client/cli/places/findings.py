"""What is known of an error's place: the file, the line, the field, and what was meant."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocube_client.cli.failures import UnknownKindError
from protocube_client.cli.places import field_steps, hints, positions
from protocube_client.cli.places.positions import Position

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube.catalog import Catalog
    from protocube_client.resource.info import Info

_NO_MATCH = re.compile(r'no matches for kind "([^"]*)" in version "([^"]*)"')
_FURTHER = 50
"""How many lines below its first one a document may say its kind."""
_WORD = re.compile(r""""[^"]*"|'[^']*'|[^\s:,\[\]{}]+""")

_PATCH = "patch"
"""The field that a server names for all that is wrong with the form of a patch."""

_NOWHERE = Position(line=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place, and a hint; one of the two may be missing."""

    source: str = ""
    position: Position = _NOWHERE
    line: str = ""
    """The text of the line; empty when it cannot be had."""
    hint: str = ""

    @property
    def length(self) -> int:
        """How long the word at the position is."""
        found = _WORD.match(self.line, self.position.column - 1)
        return len(found[0]) if found else 1


def of(error: Exception, info: Info | None, catalog: Catalog) -> Iterator[Finding]:
    """Yield the places of one error; ``info`` is the object that it is about.

    ``catalog`` has the kinds that its author may have meant.
    """
    from protocube.manifests.manifest_error import ManifestError

    if isinstance(error, UnknownKindError):
        if hint := hints.for_word(error.word, catalog):
            yield Finding(hint=hint)
    elif info is not None:
        yield from _of_object(error, info)
    elif isinstance(error, ManifestError) and error.source:
        yield _of_manifest(error, catalog)


def _of_object(error: Exception, info: Info) -> Iterator[Finding]:
    """Yield the fields that the server, or the decoder before it, complains of."""
    text = info.raw.decode("utf-8", "replace")
    before = field_steps.of_item(text, info.manifest)
    for path in _paths(error, info):
        steps = field_steps.of(path, info.manifest)
        found = positions.of(text, [*before, *steps]) or Position(line=1)
        position = Position(line=info.line + found.line - 1, column=found.column)
        hint = hints.for_field(path, info) if path in info.decoded.unknown else ""
        lines = text.splitlines()
        line = lines[found.line - 1] if found.line <= len(lines) else ""
        yield Finding(source=info.source, position=position, line=line, hint=hint)


def _paths(error: Exception, info: Info) -> list[str]:
    """Return the fields that an error is about; none for one that no change of them mends."""
    from protocube import errors

    match error:
        case errors.Invalid():
            fields = list(dict.fromkeys(violation.field for violation in error.violations))
            return _unfit(info) if fields == [_PATCH] else fields
        case errors.BadRequest():
            return _unfit(info)
        case errors.AlreadyExists():
            return ["metadata.name"]
        case errors.NotFound(resource=info.mapping.qualified):
            return ["metadata.name"]
        case errors.NotFound(resource="namespaces"):
            return ["metadata.namespace"]
    return []


def _unfit(info: Info) -> list[str]:
    """Return the fields of a manifest that its kind has in another form, or has not."""
    return [fault.field for fault in info.decoded.faults] or list(info.decoded.unknown)


def _of_manifest(error: Any, catalog: Catalog) -> Finding:
    """Return the place of a document that could not be read, or whose kind is not known."""
    lines = _lines(error.source, error.line + _FURTHER)
    position = Position(line=error.line, column=error.column)
    hint = ""
    if found := _NO_MATCH.search(str(error)):
        hint = hints.for_kind(found[2], found[1], catalog)
        position = _kind_line(lines, error.line, found[1]) or position
    line = lines[position.line - 1] if 0 < position.line <= len(lines) else ""
    return Finding(source=error.source, position=position, line=line, hint=hint)


def _lines(source: str, last: int) -> list[str]:
    """Return the lines of a file up to ``last``; none of what cannot be read again."""
    path = Path(source)
    try:
        if not path.is_file():
            return []
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return [line.rstrip("\n") for line in itertools.islice(file, last)]
    except (OSError, ValueError):
        return []


def _kind_line(lines: list[str], first: int, kind: str) -> Position | None:
    """Find where a document that begins at line ``first`` says its kind."""
    saying = re.compile(rf"""["']?kind["']?\s*:\s*["']?({re.escape(kind)})\b""")
    for number, line in enumerate(lines[first - 1 :], first):
        if found := saying.search(line):
            return Position(line=number, column=found.start(1) + 1)
    return None

"""Custom kinds as .proto text, which other languages compile."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from protocube.catalog import Catalog
from protocube.codegen import proto_text
from tests.compiling import bare, comments, compiled
from tests.definitions.crd.making import DOOR, cases, definition, of_spec, parsed

_WORDS = (
    *("name", "fooBar", "foo_bar", "a-b/c.d", "$ref", "message", "string", "oneof", "optional"),
    *("google", "protocube", "buf", "spec", "Spec", "1st", "_x", "metadata", "options", "stream"),
)
_SAID = ("Says.", 'Two\nlines.\n\n  Indented */ \\n "it\'s".', "Umlauts: äöü, 🙂.", "// // ")
_LEAVES: tuple[dict[str, Any], ...] = (
    {"type": "string", "default": 'it\'s "\\d"\n\t\u2028é\u0001', "maxLength": 99},
    {"type": "string", "enum": ["", "a'b", 'c"d', "\\"], "default": ""},
    {"type": "string", "pattern": r"^[a-z\"'\\/]+$"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "byte"},
    {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1, "default": -1},
    {"type": "integer", "format": "int32", "enum": [1, 2, 3]},
    {"type": "number", "minimum": 1e-300, "exclusiveMinimum": True, "multipleOf": 0.1},
    {"type": "boolean", "default": False},
    {"x-kubernetes-int-or-string": True, "default": "80%"},
    {"x-kubernetes-preserve-unknown-fields": True},
    {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
)


def _schema(dice: random.Random, depth: int) -> dict[str, Any]:
    """Return a schema: a leaf, or an object, list or map of others."""
    shape = dice.choice(("leaf", "object", "list", "map")) if depth else "leaf"
    if shape == "object":
        found: dict[str, Any] = _object(dice, depth - 1)
    elif shape == "list":
        found = {"type": "array", "items": _within(dice, depth), "maxItems": dice.randrange(9)}
    elif shape == "map":
        found = {"type": "object", "additionalProperties": _within(dice, depth)}
    else:
        found = dict(dice.choice(_LEAVES))
    if dice.random() < 0.5:  # of two
        found["description"] = dice.choice(_SAID)
    return found


def _within(dice: random.Random, depth: int) -> dict[str, Any]:
    found = _schema(dice, depth - 1)
    found.pop("default", None)
    return found


def _object(dice: random.Random, depth: int) -> dict[str, Any]:
    names = dice.sample(_WORDS, dice.randrange(1, 8))
    return {"type": "object", "properties": {name: _schema(dice, depth) for name in names}}


def _random(seed: int) -> list[Any]:
    """Return the files of a kind whose schema has changed once: some numbers are reserved."""
    dice = random.Random(seed)  # no secret
    group = dice.choice(("fleet.example.com", "message.google.com", "buf.string.io"))
    names = {"group": group}
    first, second = (definition({"schema": of_spec(_object(dice, 4))}, **names) for _ in range(2))
    made = DOOR.compile(first, b"")
    return list(DOOR.compile(second, made.numbers).files)


def _files(source: str) -> list[Any]:
    if source.isdigit():
        return _random(int(source))
    if source == "machine":
        text = (Path(__file__).parent / "machine.yaml").read_text()
        return list(DOOR.compile(parsed(yaml.safe_load(text)), b"").files)
    return list(DOOR.compile(definition({"schema": of_spec(cases(source)["schema"])}), b"").files)


@pytest.mark.parametrize("source", ["machine", "rules", "texts", *map(str, range(12))])
def test_text_compiles_to_the_same_kinds(source: str) -> None:
    """Messages, numbers, options and services are equal; descriptions are comments."""
    catalog = Catalog.shipped()
    names = {file.name for file in _files(source)}
    # With the services of the kinds.
    whole = Catalog([*catalog.files, *_files(source)])
    files = [
        file for file in whole.files if file.name in names or not names.isdisjoint(file.dependency)
    ]
    assert len(files) == 2 * len(names)
    texts = {file.name: proto_text.render(file, "") for file in files}
    made = compiled(texts, catalog.files)
    for file in files:
        assert bare(made[file.name]) == bare(file), texts[file.name]
        assert comments(made[file.name]) == comments(file)

"""Definitions that are tried out before they are written: each once, however often it is asked."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from protocube.catalog import Catalog
from protocube_server.builtin.functions import SHARED
from protocube_server.definitions.door import Refused
from protocube_server.definitions.served import Compiler
from tests.definitions.crd.making import DOOR, definition, of_spec

_SPEC = {"type": "object", "properties": {"cores": {"type": "integer"}}}
_CONVERSION = "protocube.dev/conversion"
_WEBHOOK = {
    "strategy": "Webhook",
    "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": {"url": "https://x"}},
}


@pytest.fixture
def compiler() -> Compiler:
    """Return what compiles definitions, and knows of none."""
    return Compiler(Catalog.shipped(comments=False), SHARED, "/registry")


def _definition(**spec: Any) -> Any:
    return definition({"schema": of_spec(_SPEC)}, **spec)


async def test_a_write_takes_what_its_dry_run_has_compiled(compiler: Compiler) -> None:
    """A giant takes a third of a second to compile: the same definition is not compiled again."""
    first = await compiler.tried(DOOR, _definition(), b"")
    assert await compiler.tried(DOOR, _definition(), b"") is first
    labelled = _definition()
    labelled.metadata.labels["a"] = "b"
    assert await compiler.tried(DOOR, labelled, b"") is first


async def test_another_definition_is_compiled(compiler: Compiler) -> None:
    """Be it another by its schema, its numbers or its annotations."""
    message = _definition()
    first = await compiler.tried(DOOR, message, b"")
    changed, annotated = copy.deepcopy(message), copy.deepcopy(message)
    changed.spec.versions[0].additional_printer_columns.add(name="X", type="string", json_path=".x")
    annotated.metadata.annotations["a"] = "b"
    for other, numbers in (
        (changed, b""),
        (annotated, b""),
        (message, first.compiled.numbers),
    ):
        assert await compiler.tried(DOOR, other, numbers) is not first


async def test_what_an_annotation_allows_is_refused_without_it(compiler: Compiler) -> None:
    """A trial does not let a later one pass that says less."""
    message = _definition(conversion=_WEBHOOK)
    message.metadata.annotations[_CONVERSION] = "None"
    await compiler.tried(DOOR, message, b"")
    del message.metadata.annotations[_CONVERSION]
    with pytest.raises(Refused):
        await compiler.tried(DOOR, message, b"")

"""Defaults of a definition that would make more of an object than can be stored."""

from __future__ import annotations

import pytest

from protocube import errors
from tests.definitions.crd.making import kind, machine

_DEPTH, _WIDTH = 12, 10


def test_large_defaults_of_many_elements_are_refused() -> None:
    """What defaults make of an object has a bound, which its request alone does not reach."""
    text = {"type": "string", "default": "x" * 100_000}
    element = {"type": "object", "properties": {"text": text}}
    machines = kind({"type": "object", "properties": {"list": {"type": "array", "items": element}}})
    assert len(machine(machines, {"list": [{}] * 100}).spec.list) == 100
    with pytest.raises(errors.TooLarge, match="with its defaults, limit is 16777216"):
        machine(machines, {"list": [{}] * 1000})


def test_defaults_that_have_more_defaults_in_them_are_refused() -> None:
    """Lists of lists by default grow with each level, and end at the bound."""
    schema: object = {"type": "string"}
    for _ in range(_DEPTH):
        elements = {"type": "object", "properties": {"below": schema}}
        schema = {"type": "array", "items": elements, "default": [{}] * _WIDTH}
    machines = kind({"type": "object", "properties": {"list": schema}})
    with pytest.raises(errors.TooLarge, match="with its defaults"):
        machine(machines, {})

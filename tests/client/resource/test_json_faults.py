"""Broken JSON is described in the words of Go's ``encoding/json``."""

from __future__ import annotations

import pytest

from protocube_client.resource.text import json_faults

# Positions are those of Go's offsets less one.
CASES = [
    ("{a: 1}", 1, "invalid character 'a' looking for beginning of object key string"),
    ('{"a":1,}', 7, "invalid character '}' looking for beginning of object key string"),
    ('{"a" 1}', 5, "invalid character '1' after object key"),
    ('{"a":1 "b"}', 7, "invalid character '\"' after object key:value pair"),
    ("[1 2]", 3, "invalid character '2' after array element"),
    ("[1,]", 3, "invalid character ']' looking for beginning of value"),
    ("--", 1, "invalid character '-' in numeric literal"),
    ("[1.x]", 3, "invalid character 'x' after decimal point in numeric literal"),
    ("[1ex]", 3, "invalid character 'x' in exponent of numeric literal"),
    ("[01]", 2, "invalid character '1' after array element"),
    ('["\n"]', 2, "invalid character '\\n' in string literal"),
    ('["\\q"]', 3, "invalid character 'q' in string escape code"),
    ('["\\u12x4"]', 6, "invalid character 'x' in \\u hexadecimal character escape"),
    ("[trux]", 4, "invalid character 'x' in literal true (expecting 'e')"),
    ("[nil]", 2, "invalid character 'i' in literal null (expecting 'u')"),
    ("[']", 1, "invalid character '\\'' looking for beginning of value"),
    ("[é]", 1, "invalid character 'Ã' looking for beginning of value"),
]


@pytest.mark.parametrize(("text", "position", "message"), CASES)
def test_the_first_character_that_cannot_stand_is_named(
    text: str, position: int, message: str
) -> None:
    """Message and position are Go's; of a character beyond ASCII it shows the first byte."""
    fault = json_faults.find(text, 0)
    assert fault is not None
    assert (fault.position, fault.message) == (position, message)


@pytest.mark.parametrize("text", ["{", '{"a', '{"a":', "[1,", "[tr", '["\\', "-", "[1.", "[1e"])
def test_a_text_that_just_ends_has_no_such_character(text: str) -> None:
    """Go calls it ``unexpected EOF``."""
    assert json_faults.find(text, 0) is None

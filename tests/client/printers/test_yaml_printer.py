"""YAML as kubectl writes it. The expected bytes were observed from kubectl 1.32."""

from __future__ import annotations

from typing import Any

import pytest

from protocube_client.printers import yaml_keys, yaml_printer, yaml_scalars

PLAIN = [
    "a", "é ü 日本", "it's", "x'", "x, y", "?x", "1,000", "123abc", "0.1.2", "1e", "0x", "0b2",
    "0o8", "0x1g", "1:60", "_1", "+", "=", "<<", "NaN", "tRue", "1e400", "2001-13-1",
]  # fmt: skip
QUOTED = [
    "", "yes", "No", "ON", "off", "y", "N", "true", "~", "null", "Null", "010", "0777", "08", "0",
    "-0", "1_000", "1_", "0x1F", "-0x1F", "0b11", "0o17", "-0o7", "0b-1", "1e3", "12e03", "1.",
    "1.5_0", ".5", "+1", ".nan", "+.inf", "12:30", "1:30:10", "190:20:30", "-1:30", "1:2:3.4",
    "2001-01-02", "2001-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43",
    "18446744073709551616",
]  # fmt: skip


@pytest.mark.parametrize("text", PLAIN)
def test_strings_that_mean_themselves_stay_plain(text: str) -> None:
    """What go-yaml would read as a string is written without quotes."""
    assert yaml_printer.text({"a": text}) == f"a: {text}\n"


@pytest.mark.parametrize("text", QUOTED)
def test_strings_that_look_like_something_else_are_double_quoted(text: str) -> None:
    """A string that go-yaml, or an older reader, would take for another type is quoted."""
    assert yaml_printer.text({"a": text}) == f'a: "{text}"\n'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" lead", "' lead'"),
        ("trail ", "'trail '"),
        ("- dash", "'- dash'"),
        ("a: b", "'a: b'"),
        ("#no", "'#no'"),
        (">x", "'>x'"),
        ("*x", "'*x'"),
        ("x:", "'x:'"),
        ("%x", "'%x'"),
        ("'x", "'''x'"),
        ('"x"', "'\"x\"'"),
        ("tab\there", '"tab\\there"'),
        ("😀", '"\\U0001F600"'),
        ("line one\nline two\n", "|\n  line one\n  line two"),
        ("a\nb", "|-\n  a\n  b"),
        ("x\n\n", "|+\n  x\n"),
        (" lead\nx", "|2-\n   lead\n  x"),
        ("trail \nx", '"trail \\nx"'),
        ("multi\n\nline\n", "|\n  multi\n\n  line"),
        ("a\u2028b", '"a\\Lb"'),
    ],
)
def test_strings_take_the_style_that_kubectl_gives_them(value: str, expected: str) -> None:
    """Indicators are single-quoted, control characters escaped, lines kept as blocks."""
    assert yaml_printer.text({"a": value, "b": ""}) == f'a: {expected}\nb: ""\n'


def test_long_lines_are_folded_at_column_80() -> None:
    """A long plain text with spaces goes on in the next line, indented."""
    text = yaml_printer.text({"data": {"long": "word " * 20 + "end"}})
    first, second = "word " * 15, "word " * 5 + "end"
    assert text == f"data:\n  long: {first.rstrip()}\n    {second}\n"


def test_the_end_of_the_document_is_not_marked() -> None:
    """Also after a block that keeps its line breaks there is no ``...``."""
    assert yaml_printer.text({"a": "x\n\n"}) == "a: |+\n  x\n\n"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-5, "-5"),
        (2**63, "9223372036854775808"),
        (3.0, "3"),
        (0.5, "0.5"),
        (1234567.5, "1.2345675e+06"),
        (0.00001, "1e-05"),
        (1e21, "1e+21"),
        ({}, "{}"),
        ([], "[]"),
    ],
)
def test_other_values_are_written_as_go_writes_them(value: Any, expected: str) -> None:
    """Numbers, booleans, null and empty collections have go-yaml's forms."""
    assert yaml_printer.text({"a": value}) == f"a: {expected}\n"


def test_lists_are_not_indented_below_their_key() -> None:
    """Items stand in the column of the key, as in every Kubernetes manifest."""
    value = {"items": [{"b": 1, "a": [[1], {}]}]}
    assert yaml_printer.text(value) == "items:\n- a:\n  - - 1\n  - {}\n  b: 1\n"


def test_keys_are_ordered_by_the_numbers_in_them() -> None:
    """``a2`` comes before ``a10``, and what is no letter before letters."""
    keys = ["b", "a10", "a2", "a1-", "a1b", "_x", "B", "a.", "ab", "0b", "01"]
    expected = ["_x", "01", "0b", "B", "a.", "a1-", "a2", "a10", "a1b", "ab", "b"]
    assert yaml_keys.ordered(keys) == expected


def test_keys_are_quoted_like_values() -> None:
    """A key that looks like a boolean or number is quoted."""
    text = yaml_printer.text({"false": "x", "n": 1, "1": 2})
    assert text == '"1": 2\n"false": x\n"n": 1\n'


def test_a_time_needs_its_zone_only_behind_a_t() -> None:
    """Only the four forms that go-yaml takes for times are special."""
    assert yaml_scalars.is_special("2001-01-02T03:04:05Z")
    assert not yaml_scalars.is_special("2001-01-02T03:04:05")
    assert yaml_scalars.is_special("2001-01-02 03:04:05.5")
    assert not yaml_scalars.is_special("2001-01-02 03:04:05Z")
    assert not yaml_scalars.is_special("2001-02-30")

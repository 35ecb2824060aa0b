"""YAML scalars are read as kubectl reads them, not as PyYAML does."""

from __future__ import annotations

import math
from typing import Any

import pytest

from protocube.manifests import numbers
from protocube.manifests.manifest_error import ManifestError
from protocube.manifests.yaml import scalars
from protocube.manifests.yaml import values as yaml_values

# Observed with sigs.k8s.io/yaml v1.4.0, as kubectl 1.32 has it.
PLAIN: list[tuple[str, Any]] = [
    *((text, True) for text in ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON")),
    *((text, True) for text in ("true", "True", "TRUE")),
    *((text, False) for text in ("n", "N", "no", "No", "NO", "off", "Off", "OFF")),
    *((text, False) for text in ("false", "False", "FALSE")),
    *((text, None) for text in ("", "~", "null", "Null", "NULL")),
    ("yEs", "yEs"),
    ("010", 8),
    ("0o10", 8),
    ("08", 8),
    ("0_7", 7),
    ("1_000", 1000),
    ("1__0", 10),
    ("_1", "_1"),
    ("0x1F", 31),
    ("0x", "0x"),
    ("0b11", 3),
    ("-0b11", -3),
    ("+1", 1),
    (".", "."),
    ("12:30", "12:30"),
    ("1e3", 1000),
    ("1E5", 100000),
    ("1.", 1),
    (".5", 0.5),
    ("-.5", -0.5),
    (".5_5", ".5_5"),
    ("1e999", "1e999"),
    ("2001-01-02", "2001-01-02"),
    ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
    ("9223372036854775807", 9223372036854775807),
    ("18446744073709551615", 1.8446744073709552e19),
    ("99999999999999999999", 1e20),
    ("1.10", 1.1),
    ("'yes'", "yes"),
    ('"010"', "010"),
    ("!!str 010", "010"),
    ("!!int '5'", 5),
    ("!!float 1", 1),
    ("!!null ''", None),
    ("!!binary aGVsbG8=", "hello"),
    ("!!timestamp 2001-01-02", "2001-01-02"),
    ("! 010", "010"),
    ("!mine 010", "010"),
]


@pytest.mark.parametrize(("text", "value"), PLAIN)
def test_a_scalar_has_the_value_that_kubectl_gives_it(text: str, value: Any) -> None:
    """Every spelling of kubectl's table becomes the same JSON value, of the same type."""
    found = yaml_values.load(f"- {text}\n")[0]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".inf", "json: unsupported value: +Inf"),
        ("-.INF", "json: unsupported value: -Inf"),
        (".nan", "json: unsupported value: NaN"),
        ("!!int foo", "yaml: cannot decode !!str `foo` as a !!int"),
        ("!!bool 5", "yaml: cannot decode !!int `5` as a !!bool"),
        ("!!int 1.5", "yaml: cannot decode !!float `1.5` as a !!int"),
        ("!!timestamp x", "yaml: cannot decode !!str `x` as a !!timestamp"),
        ("!!binary a=b", "yaml: !!binary value contains invalid base64 data"),
        ("!!binary é", "yaml: !!binary value contains invalid base64 data"),
    ],
)
def test_a_scalar_that_json_or_its_tag_cannot_take_is_refused(text: str, message: str) -> None:
    """The error is go-yaml's, and names the line."""
    with pytest.raises(ManifestError) as caught:
        yaml_values.load(f"a: 1\nb: {text}\n")
    assert str(caught.value) == message
    assert caught.value.line == 2


def test_an_integer_of_thousands_of_digits_is_no_integer() -> None:
    """Python refuses to read such an integer; here it is text, as no float holds it either."""
    digits = "9" * 5000
    assert scalars.resolve(digits) == digits
    assert scalars.resolve("0x" + "f" * 5000) == "0x" + "f" * 5000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (1000.0, "1000"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (-1.25e-9, "-1.25e-9"),
        (0.0, "0"),
        (7, "7"),
    ],
)
def test_a_number_is_written_as_go_writes_it(value: float, text: str) -> None:
    """Exponents begin where those of Go's JSON encoder begin."""
    assert numbers.text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "1.5"),
        (1e3, "1000"),
        (1e6, "1e+06"),
        (12345678.0, "1.2345678e+07"),
        (0.1, "0.1"),
        (1e-5, "1e-05"),
        (1e201, ".inf"),
        (-math.inf, "-.inf"),
        (math.nan, ".nan"),
    ],
)
def test_a_number_as_a_key_has_the_precision_of_32_bits(value: float, text: str) -> None:
    """sigs.k8s.io/yaml writes float keys with ``FormatFloat(f, 'g', -1, 32)``."""
    assert numbers.key(value) == text

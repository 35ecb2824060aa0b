"""YAML scalars as kubectl reads them: the rules of go-yaml v2, which are YAML 1.1 with gaps.

The source of every rule is ``sigs.k8s.io/yaml`` v1.4.0, ``goyaml.v2/resolve.go``. PyYAML
follows other rules (``y`` is text, ``12:30`` is 750, dates are dates), so it is not
asked.
"""

from __future__ import annotations

import math
import re

from protocube.manifests import go_base64
from protocube.manifests.manifest_error import ManifestError

Scalar = str | int | float | bool | None

_STANDARD = "tag:yaml.org,2002:"
_STR, _BOOL, _INT, _FLOAT, _NULL, _TIMESTAMP, _BINARY = (
    _STANDARD + name for name in ("str", "bool", "int", "float", "null", "timestamp", "binary")
)
_RESOLVABLE = frozenset({_STR, _BOOL, _INT, _FLOAT, _NULL, _TIMESTAMP})

_WORDS: dict[str, tuple[str, Scalar]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE"), (_BOOL, True)),
    **dict.fromkeys(("on", "On", "ON"), (_BOOL, True)),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE"), (_BOOL, False)),
    **dict.fromkeys(("off", "Off", "OFF"), (_BOOL, False)),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), (_NULL, None)),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), (_FLOAT, math.nan)),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), (_FLOAT, math.inf)),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), (_FLOAT, -math.inf)),
}
# Only a text that begins with one of these can be anything but text.
_HINT = frozenset("+-0123456789yYnNtTfFoO~.")
_INTEGER = re.compile(
    r"(?P<sign>[-+]?)"
    r"(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|0[oO]?(?P<oct>[0-7]+)|(?P<dec>0|[1-9][0-9]*))"
)
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_FRACTION = re.compile(r"\.[0-9]+([eE][-+]?[0-9]+)?")
_TIME = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}"
    r"([Tt]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d\d:\d\d)| \d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?)?"
)
_MOST_INTEGER, _MOST_UNSIGNED = 2**63 - 1, 2**64 - 1


def resolve(text: str, tag: str | None = None) -> Scalar:
    """Return the value of a plain or tagged scalar.

    ``tag`` is the full tag, ``None`` without one. An ``int`` lies within 64 bits, signed
    or unsigned. Raises :class:`ManifestError` when the text does not fit the tag.
    """
    if tag is None:
        if text and text[0] not in _HINT:
            return text
        return _plain(text)[1]
    if tag == _BINARY:
        return _binary(text)
    if tag not in _RESOLVABLE or tag == _STR:
        return text
    found, value = (
        (_TIMESTAMP, text) if tag == _TIMESTAMP and _TIME.fullmatch(text) else _plain(text)
    )
    if found == tag:
        return value
    if tag == _FLOAT and found == _INT and isinstance(value, int) and value <= _MOST_INTEGER:
        return float(value)
    message = f"cannot decode {_short(found)} `{text}` as a {_short(tag)}"
    raise ManifestError(message)


def _plain(text: str) -> tuple[str, Scalar]:
    word = _WORDS.get(text)
    if word is not None:
        return word
    if text[0] == ".":
        return _float(text) if _FRACTION.fullmatch(text) else (_STR, text)
    if text[0] not in "+-0123456789":
        return _STR, text
    digits = text.replace("_", "")
    integer = _INTEGER.fullmatch(digits)
    if integer is not None:
        value = _integer(integer)
        unsigned = not integer["sign"] and value <= _MOST_UNSIGNED
        if -_MOST_INTEGER - 1 <= value <= _MOST_INTEGER or unsigned:
            return _INT, value
    if _NUMBER.fullmatch(digits):
        found, number = _float(digits)
        return (found, number) if found == _FLOAT else (_STR, text)
    return _STR, text


def _integer(found: re.Match[str]) -> int:
    bases = (("hex", 16), ("bin", 2), ("oct", 8), ("dec", 10))
    digits, base = next((found[name], base) for name, base in bases if found[name])
    # Longer than any 64-bit number in any base; int() refuses very long decimals.
    if len(digits) > 64:  # noqa: PLR2004  # bits of a word
        return _MOST_UNSIGNED + 1
    return -int(digits, base) if found["sign"] == "-" else int(digits, base)


def _float(text: str) -> tuple[str, Scalar]:
    value = float(text)
    return (_STR, text) if math.isinf(value) else (_FLOAT, value)


def _binary(text: str) -> str:
    try:
        data = go_base64.decode(text)
    except ValueError:
        raise ManifestError("!!binary value contains invalid base64 data") from None
    return data.decode("utf-8", "replace")


def _short(tag: str) -> str:
    return "!!" + tag.removeprefix(_STANDARD)

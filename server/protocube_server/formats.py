"""The formats of texts that Kubernetes checks, as its library ``go-openapi/strfmt`` reads them.

A format that is not here is not checked, as there.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import ipaddress
import re
import string
import unicodedata
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

_HEX: Final = "[0-9a-fA-F]"
_UUIDS: Final = {
    "uuid": rf"{_HEX}{{8}}-?{_HEX}{{4}}-?{_HEX}{{4}}-?{_HEX}{{4}}-?{_HEX}{{12}}",
    "uuid3": rf"{_HEX}{{8}}-?{_HEX}{{4}}-?3{_HEX}{{3}}-?{_HEX}{{4}}-?{_HEX}{{12}}",
    "uuid4": rf"{_HEX}{{8}}-?{_HEX}{{4}}-?4{_HEX}{{3}}-?[89abAB]{_HEX}{{3}}-?{_HEX}{{12}}",
    "uuid5": rf"{_HEX}{{8}}-?{_HEX}{{4}}-?5{_HEX}{{3}}-?[89abAB]{_HEX}{{3}}-?{_HEX}{{12}}",
}
_PATTERNS: Final = {
    **_UUIDS,
    "bsonobjectid": rf"{_HEX}{{24}}",
    "mac": rf"({_HEX}{{2}}([-:]){_HEX}{{2}}(\2{_HEX}{{2}}){{4}}((\2{_HEX}{{2}}){{2}})?"
    rf"((\2{_HEX}{{2}}){{12}})?)|({_HEX}{{4}}(\.{_HEX}{{4}}){{2}}(\.{_HEX}{{4}})?)",
    "ssn": r"[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}",
    "hexcolor": r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})",
    "rgbcolor": r"rgb\( *(0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5]) *, *"
    r"(0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5]) *, *"
    r"(0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5]) *\)",
}
_TIME: Final = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))")
_DURATION: Final = re.compile(r"[-+]?(0|([0-9]+([.][0-9]*)?|[.][0-9]+)(ns|us|µs|μs|ms|s|m|h))+")
_PART: Final = re.compile(r"[0-9]+\s*([A-Za-zµ]+)")
_UNITS: Final = {"ns", "us", "µs", "ms", "s", "m", "h", "hr", "d", "w", "wk"}
_LONG_UNITS: Final = ("nano", "micro", "milli", "sec", "min", "hour", "day", "week")
"""Whatever begins so is a unit, too."""
_ATOM: Final = r"[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]"
_QUOTED: Final = r'"(?:[^"\\\x00-\x1f]|\\.)*"'
_WORDS: Final = rf"{_ATOM}+(?:[.]{_ATOM}+)*"
_ADDRESS: Final = rf"(?:{_WORDS}|{_QUOTED})@(?:{_WORDS}|\[[^\[\]]*\])"
# No part can match what the one behind it begins with: it takes no longer than the text.
_EMAIL: Final = re.compile(rf"(?:{_ADDRESS}|(?:{_ATOM}|[. ]|{_QUOTED})*<{_ADDRESS}>)")
_OCTET: Final = re.compile(r"0*([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])")
_OCTETS: Final = 4
_DIGITS: Final = 8
"""Of the length of a prefix, which can begin with zeros."""
_LONGEST_LABEL: Final = 63
_SHORTEST_LAST: Final = 2
_CARD: Final = re.compile(
    r"4[0-9]{12}([0-9]{3})?|5[1-5][0-9]{14}|6(011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}"
    r"|3(0[0-5]|[68][0-9])[0-9]{11}|(2131|1800|35[0-9]{3})[0-9]{11}"
)
_LONGEST_HOST: Final = 255
_FEWEST: Final = 4
"""Characters of a time, before it is looked at."""


def check(name: str) -> Callable[[str], bool] | None:
    """Return what tells whether a text is of a format; ``None`` for one that is not checked."""
    plain = name.replace("-", "")
    if plain in _PATTERNS:
        pattern = re.compile(_PATTERNS[plain])
        return lambda text: pattern.fullmatch(text) is not None
    return _CHECKS.get(plain)


def _is_ipv4(text: str) -> bool:
    """As Go's lenient parser: octets may begin with zeros, and IPv6 may end in an IPv4 address."""
    return "." in text and (_is_dotted(text) or _is_ipv6(text))


def _is_dotted(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == _OCTETS and all(_OCTET.fullmatch(part) is not None for part in parts)


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_cidr(text: str) -> bool:
    address, slash, length = text.partition("/")
    if not slash or not length.isdigit() or not length.isascii():
        return False
    most = 32 if _is_dotted(address) else 128 if _is_ipv6(address) else -1
    return len(length) <= _DIGITS and int(length) <= most


def _is_uri(text: str) -> bool:
    """As Go's ``url.ParseRequestURI``: an absolute address, or a path from the root."""
    if not text or any(ord(character) < ord("!") or character == "\x7f" for character in text):
        return False
    has_bad_escape = re.search(r"%(?![0-9A-Fa-f]{2})", text) is not None
    if text.startswith("/"):
        return not has_bad_escape
    scheme, colon, rest = text.partition(":")
    if not colon or re.fullmatch(r"[a-zA-Z][-+.a-zA-Z0-9]*", scheme) is None:
        return False
    if not rest.startswith("/"):
        return True
    if has_bad_escape:
        return False
    try:
        _ = urlsplit(text).port
    except ValueError:
        return False
    return True


def _is_email(text: str) -> bool:
    """As Go's ``mail.ParseAddress``: an address, or one in brackets behind a name."""
    return _EMAIL.fullmatch(text) is not None


def _is_hostname(text: str) -> bool:
    if len(text.encode()) > _LONGEST_HOST:
        return False
    *parts, last = text.split(".")
    if not parts:
        return _is_host(last.replace("-", "", last[1:2] == "-"))
    is_named = all(
        0 < len(part) <= _LONGEST_LABEL
        and _is_host(part[0] + part[-1] + part[1:-1].replace("-", ""))
        for part in parts
    )
    is_last = _SHORTEST_LAST <= len(last) <= _LONGEST_LABEL
    return is_named and is_last and all(unicodedata.category(each)[0] == "L" for each in last)


def _is_host(text: str) -> bool:
    """Tell whether a text has letters, digits and symbols alone, and at most 63 of them."""
    return 0 < len(text) <= _LONGEST_LABEL and all(
        each in string.digits or unicodedata.category(each)[0] in "LS" for each in text
    )


def _is_date(text: str) -> bool:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        return False
    year, month, day = (int(part) for part in text.split("-"))
    try:
        # Go has a year 0, which is a leap year.
        dt.date(year or 4, month, day)
    except ValueError:
        return False
    return True


def _is_date_time(text: str) -> bool:
    if len(text) < _FEWEST:
        return False
    date, _, rest = text.lower().partition("t")
    found = _TIME.fullmatch(rest)
    if found is None or not _is_date(date):
        return False
    return found[1] <= "23" and found[2] <= "59" and found[3] <= "59"


def _is_duration(text: str) -> bool:
    if _DURATION.fullmatch(text) is not None:
        return True
    units = [found.lower() for found in _PART.findall(text)]
    return any(unit in _UNITS or unit.startswith(_LONG_UNITS) for unit in units)


def _is_base64(text: str) -> bool:
    if not text:
        return False
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _is_isbn10(text: str) -> bool:
    plain = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"[0-9]{9}[0-9X]", plain) is None:
        return False
    digits = [10 if digit == "X" else int(digit) for digit in plain]
    return sum(place * digit for place, digit in enumerate(digits, 1)) % 11 == 0


def _is_isbn13(text: str) -> bool:
    plain = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"[0-9]{13}", plain) is None:
        return False
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(plain)) % 10 == 0


def _is_credit_card(text: str) -> bool:
    plain = re.sub(r"[^0-9]+", "", text)
    if _CARD.fullmatch(plain) is None:
        return False
    total = 0
    for place, digit in enumerate(reversed(plain)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004  # the sum of its digits
    return total % 10 == 0


_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    "ipv4": _is_ipv4,
    "ipv6": _is_ipv6,
    "cidr": _is_cidr,
    "uri": _is_uri,
    "email": _is_email,
    "hostname": _is_hostname,
    "date": _is_date,
    "datetime": _is_date_time,
    "duration": _is_duration,
    "byte": _is_base64,
    "isbn": lambda text: _is_isbn10(text) or _is_isbn13(text),
    "isbn10": _is_isbn10,
    "isbn13": _is_isbn13,
    "creditcard": _is_credit_card,
}

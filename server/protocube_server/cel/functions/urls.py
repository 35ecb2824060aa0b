"""URLs and their parts, as Go's ``net/url`` has them."""

from __future__ import annotations

import re
import urllib.parse
from typing import Any, Final

from protocube_server.cel.functions.declared import free, member
from protocube_server.cel.types import URL, Made

_URL: Final = (URL,)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
_BAD: Final = re.compile(r"[\x00-\x20\x7f]|%(?![0-9A-Fa-f]{2})")
_PORT: Final = re.compile(r":[0-9]*")


def _split(text: str) -> urllib.parse.SplitResult:
    """Return the parts of an absolute URI, or of an absolute path. Raises ``ValueError``."""
    problem = ValueError(f"URL parse error during conversion from string: parse {text!r}")
    if not text or _BAD.search(text):
        raise problem
    if text.startswith("/"):
        return urllib.parse.urlsplit(text)
    scheme, colon, rest = text.partition(":")
    if not colon or _SCHEME.fullmatch(scheme) is None or not rest.startswith("/"):
        raise problem
    try:
        found = urllib.parse.urlsplit(text)
    except ValueError:
        raise problem from None
    host = _host(found)
    port = host.rpartition("]")[2] if host.startswith("[") else host[len(host.split(":")[0]) :]
    if port and _PORT.fullmatch(port) is None:
        raise problem
    return found


def _host(parts: urllib.parse.SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _hostname(parts: urllib.parse.SplitResult) -> str:
    host = _host(parts)
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _port(parts: urllib.parse.SplitResult) -> str:
    return _host(parts).rpartition("]")[2].rpartition(":")[2] if ":" in _host(parts) else ""


def _query(parts: urllib.parse.SplitResult) -> dict[str, list[str]]:
    return urllib.parse.parse_qs(parts.query, keep_blank_values=True, max_num_fields=1000)


def _parse(text: str) -> Made:
    _split(text)
    return Made(URL, {"text": text})


def _is_url(text: str) -> bool:
    try:
        _split(text)
    except ValueError:
        return False
    return True


def _part(read: Any) -> Any:
    return lambda one: read(_split(one.text))


FUNCTIONS: Final = (
    free("url", ("string",), URL, _parse),
    free("isURL", ("string",), "bool", _is_url),
    member("getScheme", _URL, "string", _part(lambda parts: parts.scheme)),
    member("getHost", _URL, "string", _part(_host)),
    member("getHostname", _URL, "string", _part(_hostname)),
    member("getPort", _URL, "string", _part(_port)),
    member(
        "getEscapedPath",
        _URL,
        "string",
        _part(lambda parts: urllib.parse.quote(parts.path, safe="/%:@!$&'()*+,;=~-._")),
    ),
    member("getQuery", _URL, "map<string, list<string>>", _part(_query)),
)

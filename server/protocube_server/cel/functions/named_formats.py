"""``format``: whether a text is of one of the formats that have names.

Source: ``k8s.io/apiserver/pkg/cel/library/format.go``. ``validate`` and ``format.named`` give
optional values, which functions in Python cannot make: they give lists of one element or none, and
:mod:`~protocube_server.cel.rewriting` makes optional values of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube import selectors
from protocube_server import dns_names, formats
from protocube_server.cel.functions.declared import free
from protocube_server.cel.types import FORMAT, Made

if TYPE_CHECKING:
    from collections.abc import Callable


def _prefix(faults: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    return lambda text: faults(dns_names.without_dash(text))


def _of_kind(name: str, said: str) -> Callable[[str], list[str]]:
    check = formats.check(name)

    def faults(text: str) -> list[str]:
        return [] if check is None or check(text) else [said]

    return faults


def _uri_faults(text: str) -> list[str]:
    if not text:
        return ['parse "": empty url']
    check = formats.check("uri")
    if check is None or check(text):
        return []
    return [f'parse "{text}": invalid URI for request']


_FAULTS: Final[dict[str, Callable[[str], list[str]]]] = {
    "dns1123Label": dns_names.label_faults,
    "dns1123Subdomain": dns_names.subdomain_faults,
    "dns1035Label": dns_names.label_1035_faults,
    "qualifiedName": selectors.qualified_name_faults,
    "dns1123LabelPrefix": _prefix(dns_names.label_faults),
    "dns1123SubdomainPrefix": _prefix(dns_names.subdomain_faults),
    "dns1035LabelPrefix": _prefix(dns_names.label_1035_faults),
    "labelValue": selectors.label_value_faults,
    "uri": _uri_faults,
    "uuid": _of_kind("uuid", "does not match the UUID format"),
    "byte": _of_kind("byte", "invalid base64"),
    "date": _of_kind("date", "invalid date"),
    "datetime": _of_kind("datetime", "invalid datetime"),
}


def _named(name: str) -> list[Made]:
    return [_made(name)] if name in _FAULTS else []


def _validate(one: Any, text: str) -> list[list[str]]:
    faults = _FAULTS[one.name](text) if one.name in _FAULTS else []
    return [faults] if faults else []


def _made(name: str) -> Made:
    return Made(FORMAT, {"name": name})


def _maker(name: str) -> Callable[[], Made]:
    return lambda: _made(name)


FUNCTIONS: Final = (
    *(free(f"format.{name}", (), FORMAT, _maker(name)) for name in _FAULTS),
    free("@format.named", ("string",), "list<dyn>", _named),
    free("@format.validate", (FORMAT, "string"), "list<dyn>", _validate),
)
DECLARED: Final = f"""
  - name: validate
    overloads:
      - id: format-validate
        target: {{type_name: {FORMAT}}}
        args: [{{type_name: string}}]
        return:
          type_name: optional_type
          params: [{{type_name: list, params: [{{type_name: string}}]}}]
  - name: format.named
    overloads:
      - id: format-named
        args: [{{type_name: string}}]
        return: {{type_name: optional_type, params: [{{type_name: {FORMAT}}}]}}
"""
"""How those that give optional values are declared, in the library's own form."""

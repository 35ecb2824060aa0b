"""Labels and label selectors as tables show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_NONE = "<none>"
_FORMS = {
    "In": "{key} in ({values})",
    "NotIn": "{key} notin ({values})",
    "Exists": "{key}",
    "DoesNotExist": "!{key}",
}


def text(values: Mapping[str, str]) -> str:
    """Return labels as ``a=1,b=2``, or ``<none>``."""
    return ",".join(sorted(f"{key}={value}" for key, value in values.items())) or _NONE


def query(shown: str) -> str:
    """Return what a List takes as a label selector, of one as it is shown; nothing for all."""
    return "" if shown == _NONE else shown


def selector(value: Any) -> str:
    """Return a ``LabelSelector`` as ``a=1,b in (2,3)``, or ``<none>``."""
    parts = [(key, f"{key}={value}") for key, value in value.match_labels.items()]
    for requirement in value.match_expressions:
        form = _FORMS.get(requirement.operator, "<error>")
        values = ",".join(sorted(requirement.values))
        parts.append((requirement.key, form.format(key=requirement.key, values=values)))
    return ",".join(part for _, part in sorted(parts, key=lambda part: part[0])) or _NONE

"""Paths to fields as custom columns and ``--sort-by`` take them: ``.metadata.name``."""

from __future__ import annotations

import re

from protocube.tables.jsonpath.finding import Template
from protocube.tables.jsonpath.parser import TemplateError

_RELAXED = re.compile(r"\{\.?([^{}]+)\}|\.?([^{}]+)")
_EXPECTED = (
    "unexpected path string, expected a 'name1.name2' or '.name1.name2' "
    "or '{name1.name2}' or '{.name1.name2}'"
)


def template(path: str) -> Template:
    """Return the template of a path; braces and the first dot may be left out.

    Raises ``TemplateError``.
    """
    if not path:
        return Template("")
    found = _RELAXED.fullmatch(path)
    if found is None:
        raise TemplateError(_EXPECTED)
    return Template(f"{{.{found[1] or found[2]}}}")

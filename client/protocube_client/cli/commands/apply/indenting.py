"""JSON text on lines with an indent, its values as they are written."""

from __future__ import annotations

import re
from typing import Final

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[\[{]\s*[\]}]|[^\s"\[\]{},:]+|\S')
_INDENT: Final = "  "


def indented(text: str) -> str:
    """Return JSON as Go's ``json.Indent`` writes it; white space at the end stays.

    ``text`` is JSON, which bounds how deep it goes (``json_values.DEEPEST_NESTING``).
    """
    pieces: list[str] = []
    line = "\n"
    for found in _TOKEN.finditer(text):
        part = found[0]
        if part in ("{", "["):
            line += _INDENT
            pieces += (part, line)
        elif part in ("}", "]"):
            line = line[: -len(_INDENT)]
            pieces += (line, part)
        elif part == ",":
            pieces += (part, line)
        elif part == ":":
            pieces.append(": ")
        elif part[0] in "{[":
            pieces += (part[0], part[-1])
        else:
            pieces.append(part)
    return "".join(pieces) + text[len(text.rstrip()) :]

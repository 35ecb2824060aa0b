"""Tells where protovalidate has found something, as the server does."""

from __future__ import annotations

import re
from typing import Any

# The server reports a bad label or annotation at the map, as Kubernetes does.
_OF_THE_MAP = re.compile(r"string\.(qualified_name|qualified_name_any_case|label_value)(\.|$)")
# The text of a rule on a message can begin with the field that it is about.
_AT_FIELD = re.compile(r"\.((?:[\w.$-]|\[[^\]]*\])+): ")


def paths(message: Any, violation: Any) -> list[str]:
    """Return the paths of a violation as the server writes them: JSON names, [0] and [key].

    ``message`` is the descriptor of what was checked, and ``[]`` the object as a whole. There are
    several where one rule finds several fields.
    """
    path = ""
    for element in violation.field.elements if violation.field else ():
        field = message.fields_by_number[element.field_number]
        path += ("." if path else "") + field.json_name
        subscript = element.subscript
        if subscript is not None and (
            subscript.field == "index" or not _OF_THE_MAP.match(violation.rule_id)
        ):
            path += f"[{subscript.value}]"
        message = field.message_type
        if message is not None and message.GetOptions().map_entry:
            message = message.fields_by_name["value"].message_type
    lines = [_AT_FIELD.match(line) for line in violation.message.split("\n")]
    if not all(lines):
        lines = lines[:1]
    return [".".join(filter(None, (path, line and line[1]))) or "[]" for line in lines]

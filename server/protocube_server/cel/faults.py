"""What can be wrong with an expression, or with the machine that is to evaluate it."""

from __future__ import annotations

import re
from typing import Final

_CODE: Final = re.compile(r"^(?:(?!ERROR)[A-Z_]+: )+|(?: \[[A-Z_]+\])+$")
"""What the library puts around a text: names of codes."""
_SAME: Final = (
    (re.compile(r'^Key not found in map : "?(.*?)"?$'), r"no such key: \1"),
    (re.compile(r"^no_such_field : (.*)$"), r"no such key: \1"),
    (re.compile(r"^(?:divide|modulus) by zero$"), "division by zero"),
    (re.compile(r"^No matching overloads found : (.*)$"), r"no such overload: \1"),
    (re.compile(r"^Applying SELECT to non-message type$"), "no such overload"),
)
"""What CEL's library for Go says differently; Kubernetes' users know its words."""


class CompileError(ValueError):
    """An expression is none, or its types do not fit; ``str()`` tells where, on several lines."""


class EvaluationError(Exception):
    """An expression has no value for what it was given; ``str()`` says why."""


class NotInstalled(Exception):
    """This installation cannot evaluate expressions; ``str()`` says what it lacks."""


def text_of(error: object) -> str:
    """Return what the library says, without its codes and in the words of CEL's library for Go."""
    said = _CODE.sub("", str(error))
    for pattern, instead in _SAME:
        said, count = pattern.subn(instead, said)
        if count:
            break
    return said

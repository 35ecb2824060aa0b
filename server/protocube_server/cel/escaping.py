"""Names of fields, as expressions spell them.

Source: ``k8s.io/apiserver/pkg/cel/escaping.go``.
"""

from __future__ import annotations

import re
from typing import Final

WORDS: Final = frozenset(
    {"true", "false", "null", "in"}
    | {"as", "break", "const", "continue", "else", "for", "function", "if", "import", "let"}
    | {"loop", "package", "namespace", "return", "var", "void", "while"}
)
"""What CEL keeps for itself."""
_TOKENS: Final = frozenset(("true", "false", "null", "in"))
"""Those that cannot stand behind a dot either."""
_ESCAPES: Final = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_SPECIAL: Final = re.compile(r"__|[-./]")
_NAME: Final = re.compile(r"[A-Za-z_.\-/][A-Za-z0-9_.\-/]*")
_UNREACHABLE: Final = re.compile(r"[^A-Za-z0-9_]")


def escaped(name: str) -> str | None:
    """Return how a rule of a kind spells a field; ``None`` for one that it cannot name."""
    if _NAME.fullmatch(name) is None:
        return None
    if name in WORDS:
        return f"__{name}__"
    return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], name)


def rule_field(name: str) -> str:
    """Return the name that a field has for rules of kinds; an odd one when they cannot name it."""
    return escaped(name) or f"x__{_UNREACHABLE.sub('_', name)}"


def policy_field(name: str) -> str:
    """Return the name that a field has for policies, which know ``object.metadata.namespace``."""
    return name if name in WORDS - _TOKENS else rule_field(name)

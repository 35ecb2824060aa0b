"""Reads expressions in CEL, as far as the contract's rules use it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<number>\d+\.\d+|\d+)(?![\w.])
      | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<name>[A-Za-z_]\w*)
      | (?P<mark>\|\||&&|[=!<>]=|[-+*/%!<>?:.,()\[\]])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES: Final = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "r": "\r", "t": "\t", "`": "`"}
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_BINARY: Final = (
    ("||",),
    ("&&",),
    ("==", "!=", "<", "<=", ">", ">=", "in"),
    ("+", "-"),
    ("*", "/", "%"),
)
"""Operators by their precedence, the loosest first."""
_WORDS: Final = {"true": True, "false": False}
_DEEPEST: Final = 50


class NotReadError(Exception):
    """The expression is none that this reads. That says nothing of whether it is one of CEL."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression."""

    form: str
    """``literal``, ``name``, ``field``, ``call``, ``method``, ``index``, ``list``, ``choice``,
    or an operator."""
    value: str | float | bool | None = None
    """Of a literal; of a name, a field, a call and a method its name."""
    parts: tuple[Node, ...] = ()
    """What it is made of: the operands, or the object and the arguments."""


def parse(text: str) -> Node:
    """Return an expression. Raises :class:`NotReadError`."""
    reader = _Reader(_tokens(text))
    found = reader.choice()
    reader.require_end()
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or token.lastgroup is None:
            raise NotReadError(text[at:])
        found.append((token.lastgroup, token[token.lastgroup]))
        at = token.end()
    return found


class _Reader:
    """Goes through the tokens of one expression."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def choice(self) -> Node:
        """Read ``a ? b : c``, or what is no choice."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotReadError("it is nested too deep")
        found = self._binary(0)
        if self._takes("?"):
            first = self.choice()
            self._require(":")
            found = Node("choice", parts=(found, first, self.choice()))
        self._depth -= 1
        return found

    def require_end(self) -> None:
        """Raise when there is more."""
        if self._at < len(self._tokens):
            raise NotReadError(self._tokens[self._at][1])

    def _binary(self, level: int) -> Node:
        if level == len(_BINARY):
            return self._unary()
        found = self._binary(level + 1)
        while self._next in _BINARY[level] and self._kind != "text":
            operator = self._next
            self._at += 1
            found = Node(operator, parts=(found, self._binary(level + 1)))
        return found

    def _unary(self) -> Node:
        if self._takes("!"):
            return Node("!", parts=(self._unary(),))
        if self._takes("-"):
            return Node("negative", parts=(self._unary(),))
        return self._member()

    def _member(self) -> Node:
        found = self._primary()
        while True:
            if self._takes("."):
                name = self._name()
                if self._takes("("):
                    found = Node("method", name, (found, *self._items(")")))
                else:
                    found = Node("field", name, (found,))
            elif self._takes("["):
                found = Node("index", parts=(found, self.choice()))
                self._require("]")
            else:
                return found

    def _primary(self) -> Node:
        if self._at == len(self._tokens):
            raise NotReadError("it ends early")
        kind, text = self._tokens[self._at]
        if kind == "number":
            self._at += 1
            return Node("literal", float(text) if "." in text else int(text))
        if kind == "text":
            self._at += 1
            return Node("literal", _unescaped(text[1:-1]))
        if self._takes("("):
            found = self.choice()
            self._require(")")
            return found
        if self._takes("["):
            return Node("list", parts=tuple(self._items("]")))
        name = self._name()
        if self._takes("("):
            return Node("call", name, tuple(self._items(")")))
        return Node("literal", _WORDS[name]) if name in _WORDS else Node("name", name)

    def _items(self, end: str) -> list[Node]:
        found: list[Node] = []
        while not self._takes(end):
            if found:
                self._require(",")
            found.append(self.choice())
        return found

    def _name(self) -> str:
        if self._kind != "name" or self._next in ("in", "null"):
            raise NotReadError(self._next)
        self._at += 1
        return self._tokens[self._at - 1][1]

    @property
    def _next(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    @property
    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _takes(self, mark: str) -> bool:
        if self._kind != "mark" or self._next != mark:
            return False
        self._at += 1
        return True

    def _require(self, mark: str) -> None:
        if not self._takes(mark):
            raise NotReadError(f"{mark} is missing")


def _unescaped(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        if found[1] not in _ESCAPES:
            raise NotReadError(found[0])
        return _ESCAPES[found[1]]

    return _ESCAPE.sub(one, text)

"""Reads a template. Faults are told in kubectl's words."""

from __future__ import annotations

import re

from protocube.tables.jsonpath import nodes, quoted
from protocube.tables.print_error import PrintError

_DICT_KEY = re.compile(r"'([^']*)'")
_SLICE = re.compile(r"(-?[0-9]*)(:-?[0-9]*)?(:-?[0-9]*)?")
_COMPARISON = re.compile(r"([^!<>=]+)([!<>=]+)(.+)")
_TERMINATORS = frozenset(" \t\r\n.,[]$@{}")
_LINE_ENDS = frozenset("\r\n")


class TemplateError(PrintError):
    """The template cannot be read."""


def parse(text: str) -> tuple[nodes.Node, ...]:
    """Return the texts and actions of a template. Raises :class:`TemplateError`."""
    return _Parser(text).template()


def _action(text: str) -> nodes.Action:
    """Read a part of an action as one of its own."""
    first = parse(f"{{{text}}}")[0]
    if not isinstance(first, nodes.Action):
        raise TypeError("what begins with a brace is an action")
    return first


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._start = 0
        """Where the part begins that was read but not taken yet."""

    def template(self) -> tuple[nodes.Node, ...]:
        found: list[nodes.Node] = []
        while self._at < len(self._text):
            brace = self._text.find("{", self._at)
            end = brace if brace >= 0 else len(self._text)
            if end > self._at:
                found.append(nodes.Text(text=self._text[self._at : end]))
            self._at = end
            if brace >= 0:
                self._at += 1
                self._start = self._at
                found.append(nodes.Action(steps=tuple(self._steps())))
        return tuple(found)

    def _steps(self) -> list[nodes.Node]:
        """Read to the brace that closes the action."""
        steps: list[nodes.Node] = []
        while not self._text.startswith("}", self._at):
            if self._text.startswith("[?(", self._at):
                steps.append(self._filter())
            elif self._text.startswith("..", self._at):
                steps += self._recursive(steps)
            else:
                steps += self._step()
        self._at += 1
        self._start = self._at
        return steps

    def _step(self) -> list[nodes.Node]:
        letter = self._next()
        if not letter or letter in _LINE_ENDS:
            raise TemplateError("unclosed action")
        if letter in " @$":
            # The current value: nothing to do.
            self._take()
            return []
        if letter == "[":
            return self._array()
        if letter in "\"'":
            return [self._quote(letter)]
        if letter == ".":
            return [self._field()]
        self._at -= 1
        if letter in "+-" or letter.isdecimal():
            return [self._number()]
        if letter == "_" or letter.isalnum():
            return [self._word()]
        shown = f"U+{ord(letter):04X}" + (f" '{letter}'" if letter.isprintable() else "")
        raise TemplateError(f"unrecognized character in action: {shown}")

    def _next(self) -> str:
        letter = self._text[self._at : self._at + 1]
        self._at += 1
        return letter

    def _take(self) -> str:
        taken = self._text[self._start : self._at]
        self._start = self._at
        return taken

    def _word(self) -> nodes.Node:
        while self._at < len(self._text) and self._text[self._at] not in _TERMINATORS:
            self._at += 1
        word = self._take()
        if word in ("true", "false"):
            return nodes.Literal(value=word == "true")
        return nodes.Word(word=word)

    def _recursive(self, steps: list[nodes.Node]) -> list[nodes.Node]:
        if steps and isinstance(steps[-1], nodes.Recursive):
            raise TemplateError("invalid multiple recursive descent")
        self._at += 2
        self._take()
        letter = self._text[self._at : self._at + 1]
        if letter == "_" or letter.isalnum():
            return [nodes.Recursive(), self._field()]
        return [nodes.Recursive()]

    def _field(self) -> nodes.Node:
        self._take()
        while self._at < len(self._text) and self._text[self._at] not in _TERMINATORS:
            # A backslash hides a terminator behind it.
            self._at += 2 if self._text[self._at] == "\\" else 1
        self._at = min(self._at, len(self._text))
        name = self._take()
        return nodes.Wildcard() if name == "*" else nodes.Field(name=name.replace("\\", ""))

    def _number(self) -> nodes.Node:
        self._at += self._text[self._at] in "+-"
        while self._at < len(self._text) and (
            self._text[self._at] == "." or self._text[self._at].isdecimal()
        ):
            self._at += 1
        text = self._take()
        for kind in (int, float):
            try:
                return nodes.Literal(value=kind(text))
            except ValueError:
                continue
        raise TemplateError(f"cannot parse number {text}")

    def _quote(self, quote: str) -> nodes.Text:
        while True:
            letter = self._next()
            if not letter or letter == "\n":
                raise TemplateError("unterminated quoted string")
            if letter == quote and self._text[self._at - 2] != "\\":
                break
        text = self._take()
        try:
            return nodes.Text(text=quoted.unquote(text))
        except ValueError as error:
            raise TemplateError(f"unquote string {text} error {error}") from None

    def _array(self) -> list[nodes.Node]:
        while True:
            letter = self._next()
            if not letter or letter == "\n":
                raise TemplateError("unterminated array")
            if letter == "]":
                break
        text = self._take()[1:-1]
        if text == "*":
            text = ":"
        parts = text.split(",")
        if len(parts) > 1:
            branches = tuple(_action(f"[{part.strip(' ')}]") for part in parts)
            return [nodes.Union(branches=branches)]
        if key := _DICT_KEY.fullmatch(text):
            return list(_action(f".{key[1]}").steps)
        return [_slice(text)]

    def _filter(self) -> nodes.Filter:
        self._at += len("[?(")
        self._take()
        pair = ""
        closed = False
        while True:
            letter = self._next()
            if not letter or letter == "\n":
                raise TemplateError("unterminated filter")
            if letter in "\"'":
                if not pair:
                    pair = letter
                elif letter == pair and self._text[self._at - 2] != "\\":
                    closed = True
            elif letter == ")" and bool(pair) == closed:
                break
        if self._next() != "]":
            raise TemplateError("unclosed array expect ]")
        text = self._take()[:-2]
        found = _COMPARISON.fullmatch(text)
        if found is None:
            return nodes.Filter(left=_action(text), operator="exists", right=nodes.Action(steps=()))
        return nodes.Filter(left=_action(found[1]), operator=found[2], right=_action(found[3]))


def _slice(text: str) -> nodes.Slice:
    found = _SLICE.fullmatch(text)
    if found is None:
        raise TemplateError(f"invalid array index {text}")
    start = _index(found[1])
    if found[2] is None:
        # kubectl reads [] as [0] with an open start.
        return nodes.Slice(start=start, end=(start or 0) + 1, step=None, single=True)
    return nodes.Slice(start=start, end=_index(found[2][1:]), step=_index((found[3] or ":")[1:]))


def _index(text: str) -> int | None:
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise TemplateError(f"array index {text} is not a number") from None

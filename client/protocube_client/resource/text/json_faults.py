"""What is wrong with a JSON text, in the words of Go's ``encoding/json``.

Python's parser is fast and words its errors differently; this scanner runs only after
it has failed. The states are those of ``encoding/json/scanner.go``.
"""

from __future__ import annotations

from dataclasses import dataclass

_SPACES = " \t\r\n"
_DIGITS = "0123456789"
_HEX = "0123456789abcdefABCDEF"
_ESCAPES = 'bfnrt\\/"'
_LITERALS = {"t": "true", "f": "false", "n": "null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The first character that cannot stand where it does."""

    position: int
    message: str


def find(text: str, start: int) -> Fault | None:
    """Return what is wrong with the value at ``start``; ``None`` when the text just ends."""
    try:
        _Scanner(text, start).value()
    except _Found as found:
        return found.fault
    except IndexError:
        return None
    return None


class _Found(Exception):  # control flow inside this module
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class _Scanner:
    """Reads one value; an ``IndexError`` means that the text ended inside it."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._at = start

    def value(self) -> None:
        """Read a value and all that it holds, without recursion."""
        closers: list[str] = []
        while True:
            self._begin_value(closers)
            if not self._after_value(closers):
                return

    def _begin_value(self, closers: list[str]) -> None:
        """Read up to the end of the next scalar or empty container."""
        while True:
            char = self._skip()
            if char == "{":
                self._at += 1
                if self._skip() == "}":
                    self._at += 1
                    return
                closers.append("}")
                self._key()
            elif char == "[":
                self._at += 1
                if self._skip() == "]":
                    self._at += 1
                    return
                closers.append("]")
            else:
                self._scalar(char)
                return

    def _after_value(self, closers: list[str]) -> bool:
        """Read on to the next value; ``False`` when the outermost one is complete."""
        while closers:
            char = self._skip()
            if char == closers[-1]:
                self._at += 1
                closers.pop()
                continue
            inside = "object key:value pair" if closers[-1] == "}" else "array element"
            if char != ",":
                self._fail(f"after {inside}")
            self._at += 1
            if closers[-1] == "}":
                self._key()
            return True
        return False

    def _key(self) -> None:
        if self._skip() != '"':
            self._fail("looking for beginning of object key string")
        self._string()
        if self._skip() != ":":
            self._fail("after object key")
        self._at += 1

    def _scalar(self, char: str) -> None:
        if char == '"':
            self._string()
        elif char == "-" or char in _DIGITS:
            self._number()
        elif char in _LITERALS:
            self._literal(_LITERALS[char])
        else:
            self._fail("looking for beginning of value")

    def _string(self) -> None:
        self._at += 1
        while True:
            char = self._text[self._at]
            if char == '"':
                self._at += 1
                return
            if char < " ":
                self._fail("in string literal")
            self._at += 1
            if char == "\\":
                self._escape()

    def _escape(self) -> None:
        char = self._text[self._at]
        if char == "u":
            for _ in range(4):
                self._at += 1
                if self._text[self._at] not in _HEX:
                    self._fail("in \\u hexadecimal character escape")
        elif char not in _ESCAPES:
            self._fail("in string escape code")
        self._at += 1

    def _number(self) -> None:
        if self._text[self._at] == "-":
            self._at += 1
            if self._text[self._at] not in _DIGITS:
                self._fail("in numeric literal")
        if self._text[self._at] == "0":
            self._at += 1
        else:
            self._digits()
        if self._peek() == ".":
            self._at += 1
            if self._text[self._at] not in _DIGITS:
                self._fail("after decimal point in numeric literal")
            self._digits()
        if self._peek() in {"e", "E"}:
            self._at += 1
            if self._text[self._at] in "+-":
                self._at += 1
            if self._text[self._at] not in _DIGITS:
                self._fail("in exponent of numeric literal")
            self._digits()

    def _digits(self) -> None:
        while self._peek() in _DIGITS and self._peek():
            self._at += 1

    def _literal(self, word: str) -> None:
        for expected in word:
            if self._text[self._at] != expected:
                self._fail(f"in literal {word} (expecting '{expected}')")
            self._at += 1

    def _skip(self) -> str:
        while self._text[self._at] in _SPACES:
            self._at += 1
        return self._text[self._at]

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _fail(self, context: str) -> None:
        # Go scans bytes: of a character beyond ASCII it has seen the first one.
        first = chr(self._text[self._at].encode("utf-8", "replace")[0])
        message = f"invalid character {_quoted(first)} {context}"
        raise _Found(Fault(position=self._at, message=message))


def _quoted(char: str) -> str:
    from protocube.errors import quote

    if char == "'":
        return r"'\''"
    return "'\"'" if char == '"' else f"'{quote(char)[1:-1]}'"

"""Finds what a template speaks of in JSON data."""

from __future__ import annotations

from typing import Any

from protocube.tables import go_values
from protocube.tables.jsonpath import comparison, nodes
from protocube.tables.jsonpath.parser import parse
from protocube.tables.print_error import PrintError


class FindError(PrintError):
    """The template does not fit the data."""


class _MissingError(FindError):
    """A key is not there, and must be."""


class Template:
    """A template that is ready for data. Raises ``TemplateError`` when it is made."""

    def __init__(self, text: str, *, allow_missing: bool = True) -> None:
        """Read ``text``. Without ``allow_missing`` a key that is not there is an error."""
        self.text = text
        self._nodes = parse(text)
        self._allow_missing = allow_missing

    def find(self, data: Any) -> list[list[Any]]:
        """Return the values of each part of the template. Raises :class:`FindError`."""
        search = _Search(self._nodes, allow_missing=self._allow_missing)
        try:
            return search.find(data, 0)
        except comparison.ComparisonError as error:
            raise FindError(str(error)) from None


class _Search:
    """One walk through a template; it knows which ranges are open."""

    def __init__(self, template: tuple[nodes.Node, ...], *, allow_missing: bool) -> None:
        self._template = template
        self._allow_missing = allow_missing
        self._beginning = 0
        self._open = 0
        self._ending = 0
        self._last_end = -1

    def find(self, data: Any, start: int) -> list[list[Any]]:
        """Return the values from the template's part ``start`` on, to the end of its range."""
        found: list[list[Any]] = []
        at = start
        while at < len(self._template):
            values = self._walk([data], self._template[at])
            if 0 < self._ending <= self._open:
                self._ending -= 1
                self._last_end = at
                break
            if self._beginning:
                self._beginning -= 1
                found += self._range(values, at + 1)
                at = max(at, self._last_end)
            else:
                found.append(values)
            at += 1
        return found

    def _range(self, values: list[Any], start: int) -> list[list[Any]]:
        self._open += 1
        found: list[list[Any]] = []
        for value in values:
            found += self.find(value, start)
        if not values:
            # To find the range's end; there is nothing to keep.
            self.find(None, start)
        self._open -= 1
        return found

    def _walk(self, values: list[Any], node: nodes.Node) -> list[Any]:
        match node:
            case nodes.Action():
                for step in node.steps:
                    values = self._walk(values, step)
                return values
            case nodes.Field():
                return self._field(values, node.name)
            case nodes.Union():
                return [value for branch in node.branches for value in self._walk(values, branch)]
            case nodes.Filter():
                return self._filtered(values, node)
            case nodes.Word():
                return self._word(values, node.word)
        return _plain(values, node)

    def _word(self, values: list[Any], word: str) -> list[Any]:
        if word == "range":
            self._beginning += 1
            return values
        if word != "end":
            raise FindError(f"unrecognized identifier {word}")
        if not self._open:
            raise FindError("not in range, nothing to end")
        self._ending += 1
        return []

    def _field(self, values: list[Any], name: str) -> list[Any]:
        found = [value[name] for value in values if isinstance(value, dict) and name in value]
        if values and not found and not self._allow_missing:
            raise _MissingError(f"{name} is not found")
        return found

    def _filtered(self, values: list[Any], node: nodes.Filter) -> list[Any]:
        found: list[Any] = []
        for value in values:
            if not isinstance(value, list):
                shown = go_values.text(value)
                raise FindError(f"{shown} is not array or slice and cannot be filtered")
            found += [item for item in value if self._passes(item, node)]
        return found

    def _passes(self, item: Any, node: nodes.Filter) -> bool:
        if node.operator == "exists":
            try:
                return bool(self._walk([item], node.left))
            except (_MissingError, comparison.ComparisonError):
                return False
            except FindError:
                # kubectl takes what does not fit for something that is there.
                return True
        sides: list[Any] = []
        for side in (node.left, node.right):
            values = self._walk([item], side)
            if not values:
                return False
            if len(values) > 1:
                raise FindError("can only compare one element at a time")
            sides += values
        return comparison.holds(sides[0], node.operator, sides[1])


def _plain(values: list[Any], node: nodes.Node) -> list[Any]:
    """Return what a node makes of ``values`` that needs no walk of its own."""
    match node:
        case nodes.Text():
            return [node.text]
        case nodes.Literal():
            return [node.value] * len(values)
        case nodes.Slice():
            return _sliced(values, node)
        case nodes.Wildcard():
            return [inner for value in values for inner in _children(value)]
        case nodes.Recursive():
            return [inner for value in values for inner in _descend(value)]
    raise TypeError(f"{node} is no node")


def _sliced(values: list[Any], node: nodes.Slice) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value is None:
            continue
        if not isinstance(value, list):
            raise FindError(f"{go_values.type_name(value)} is not array or slice")
        length = len(value)
        start = node.start or 0
        start += length if start < 0 else 0
        end = length if node.end is None else node.end
        if end < 0 or (end == 0 and node.single):
            end += length
        if start == end:
            # kubectl gives up what it found in other lists, too.
            return found
        _check_bounds(start, end, length)
        if node.step is not None and node.step <= 0:
            raise FindError("step must be > 0")
        found += value[start : end : node.step or 1]
    return found


def _check_bounds(start: int, end: int, length: int) -> None:
    if not 0 <= start < length:
        raise FindError(f"array index out of bounds: index {start}, length {length}")
    if not 0 <= end <= length:
        raise FindError(f"array index out of bounds: index {end - 1}, length {length}")
    if start > end:
        raise FindError(f"starting index {start} is greater than ending index {end}")


def _children(value: Any) -> list[Any]:
    match value:
        case dict():
            return [value[key] for key in sorted(value)]
        case list():
            return value
        case str():
            # To Go, a string is a list of bytes.
            return list(value.encode())
    return []


def _descend(value: Any) -> list[Any]:
    """Return the value and all below it that hold something, the outer ones first."""
    inner = _children(value)
    if not inner:
        return []
    if isinstance(value, str):
        return [value]
    return [value, *(below for child in inner for below in _descend(child))]

"""Changes checked expressions into what can be run, and run within bounds.

Three things are not as they were written:

* Functions in Python cannot give optional values. Those that are declared to give one are called
  under another name, give a list of one value or none, and ``[?0]`` is asked of it.
* What the library declares and does not run, and what has its type from a list that has none at
  run time, is run by a function of ours.
* The library bounds the steps of loops, not what a step costs: a text of a megabyte can be matched
  ten thousand times, and one that is joined with itself in thirty nested ``cel.bind`` has
  gigabytes. Where a call can be given much, or often, ``@room`` is asked first, with the sizes of
  what it is given (:mod:`spending`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from protocube_server.cel import checked
from protocube_server.cel.faults import CompileError
from protocube_server.cel.functions import lists
from protocube_server.cel.spending import ELEMENT

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPTIONALS: Final = {
    "validate": ("format-validate", "@format.validate"),
    "format.named": ("format-named", "@format.named"),
}
"""Functions that give optional values: their overload, and the one that gives a list instead."""
_INSTEAD: Final = {
    "@mapInsert_map_key_value": "@mapInsert",
    "@mapInsert_map_map": "@mapInsert",
    "list_range": "@range",
    **lists.RUN_BY,
}
"""Overloads that are not run as they are, and the functions that are run for them."""
_REPLACE, _FLATTEN, _SIZE = "replace", "flatten", "size"
_REPLACEMENT: Final = 2
"""The argument of ``replace`` that can make its value larger."""
_COMPARING: Final = frozenset(("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"))
_FREE: Final = frozenset(
    {"_&&_", "_||_", "!_", "_?_:_", "_[_]", "_[?_]", "_?._", "dyn", "type", "has"}
    | {"optional.of", "optional.none", "hasValue", "value", "orValue", "or"}
    | {"@not_strictly_false"}
)
"""What costs the same whatever it is given."""
_DYN_SIZES: Final = {"list": ELEMENT, "bytes": 1, "string": 1}
"""How large values are that have a size, by the types that they turn out to be of."""
_WHOLE: Final = 200_000
"""What it costs to compare two objects: one of a megabyte takes some milliseconds."""
_FEW: Final = 8
"""A value of so many parts is used once without asking."""
MOST_PARTS: Final = 10_000
"""A value has at most so many parts, as far as that can be told from the expression."""


_SHORT: Final = 2000
"""So long is what the library writes of an expression that cannot give a value many parts."""
_MARKS: Final = tuple(
    name.encode()
    for name in ("@result", "#unused", _REPLACE, _FLATTEN, "join", *_OPTIONALS, *_INSTEAD)
)
"""Names in all others that are changed: those of loops and bindings are among them."""


def rewritten(serialized: bytes) -> bytes | None:
    """Return the expression to run; ``None`` when it is the one that was given.

    Raises :class:`CompileError` for one whose values could be too large.
    """
    if len(serialized) < _SHORT and not any(mark in serialized for mark in _MARKS):
        return None
    tree = checked.Tree(serialized)
    work = _Work(tree)
    work.visit(tree.root, _Place())
    return tree.serialize() if work.has_changed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where an expression stands."""

    parts: Mapping[str, int] = field(default_factory=dict)
    """How many parts the values of variables have; all others have one."""
    in_loop: bool = False
    looped: frozenset[str] = frozenset()
    """The variables of all loops around."""
    once: frozenset[str] = frozenset()
    """Those of them whose values, all together, are no larger than an object."""
    gathered: str = ""
    """The variable that a loop gathers its result in: what is added to it is one step."""


class _Work:
    """Walks one expression, counts the parts of its values, and changes what has to be."""

    def __init__(self, tree: checked.Tree) -> None:
        self._tree = tree
        self.has_changed = False

    def visit(self, expr: Any, place: _Place) -> int:
        """Return how many parts the value of an expression has, and change the expression."""
        is_small = self._tree.is_small(expr)
        if expr.HasField("loop"):
            count = self._loop(expr.loop, place)
        elif expr.HasField("ident"):
            count = place.parts.get(expr.ident.name, 1)
        else:
            counts = [self.visit(each, place) for each in checked.parts(expr)]
            count = sum(counts)
            if expr.HasField("call"):
                self._call(expr, place, count)
        if is_small:
            return 1
        if count > MOST_PARTS:
            raise CompileError("the expression makes values that are too large")
        return max(count, 1)

    def _loop(self, loop: Any, place: _Place) -> int:
        if checked.is_binding(loop):
            start = self.visit(loop.start, place)
            parts = {**place.parts, loop.result_variable: start}
            # What the variable stands for may be repeated, whatever it was a part of.
            once = place.once - {loop.result_variable}
            if checked.root_of(loop.start) in place.once:
                once |= {loop.result_variable}
            return self.visit(loop.result, _changed(place, parts=parts, once=once))
        wide = self.visit(loop.range, place)
        names = frozenset((loop.variable, loop.second_variable)) - {""}
        is_once = not place.in_loop or checked.root_of(loop.range) in place.once
        below = _changed(
            place,
            parts={**place.parts, **dict.fromkeys((*names, loop.result_variable), 1)},
            in_loop=True,
            looped=place.looped | names,
            once=names if is_once else frozenset(),
            gathered=loop.result_variable,
        )
        self.visit(loop.start, place)
        self.visit(loop.condition, below)
        step = self.visit(loop.step, below)
        self.visit(loop.result, below)
        return wide * step

    def _call(self, expr: Any, place: _Place, total: int) -> None:
        name = expr.call.function
        given = list(checked.arguments(expr.call))
        if name in _OPTIONALS:
            overload, instead = _OPTIONALS[name]
            if overload in self._tree.overloads(expr):
                self._rename(expr, instead)
                inner = self._tree.take(expr)
                expr.CopyFrom(self._tree.call("_[?_]", inner, self._tree.constant(0)))
            return
        if name == _SIZE and self._tree.is_list(given[0]):
            return  # It has its length at hand.
        if self._compares_whole(name, given, place):
            room = self._tree.constant(_WHOLE)
            body = self._allowed(room, self._tree.take(expr))
            expr.CopyFrom(body)
            self.has_changed = True
            return
        sized = [at for at, each in enumerate(given) if self._is_sized(each)]
        if sized and self._is_dear(name, given, sized, place, total):
            self._guard(expr, given, sized)
            self.has_changed = True
        else:
            self._run_instead(expr)

    def _is_sized(self, expr: Any) -> bool:
        if checked.is_constant(expr):
            return False
        tree = self._tree
        return tree.is_text(expr) or tree.is_list(expr) or tree.is_dyn(expr)

    def _is_dear(
        self, name: str, given: list[Any], sized: list[int], place: _Place, total: int
    ) -> bool:
        """Tell whether a call can be given much, or be made often with what is no less."""
        if name in _FREE or (place.gathered and checked.root_of(given[0]) == place.gathered):
            return False
        if name in (_REPLACE, _FLATTEN) or total > _FEW:
            return True
        roots = {checked.root_of(given[at]) for at in sized}
        if name in _COMPARING and (len(sized) < len(given) or roots & place.looped):
            return False
        return place.in_loop and not roots <= place.once

    def _guard(self, expr: Any, given: list[Any], sized: list[int]) -> None:
        """Let a call be made when there is room for it."""
        tree = self._tree
        names = {at: tree.name() for at in sized}
        room = tree.constant(0)
        for at in sized:
            room = tree.call("_+_", room, self._size(names[at], given[at]))
        if expr.call.function == _REPLACE:
            new = tree.variable(names[_REPLACEMENT]) if _REPLACEMENT in names else given[2]
            room = tree.call("_*_", room, tree.call(_SIZE, new))
        values = {}
        for at in sized:
            values[at] = type(expr)()
            values[at].CopyFrom(given[at])
            given[at].CopyFrom(tree.variable(names[at]))
        self._run_instead(expr)
        # Where there is no room any more, sizes are not asked for: they cost something, too.
        room = tree.call("_?_:_", tree.call("@room", tree.constant(0)), room, tree.constant(0))
        inner = tree.take(expr)
        body = self._allowed(room, inner)
        for at in sized:
            body = tree.bind(names[at], values[at], body)
        tree.give_type(body, inner)
        expr.CopyFrom(body)

    def _compares_whole(self, name: str, given: list[Any], place: _Place) -> bool:
        """Tell whether objects or maps are compared again and again, whose size is not at hand."""
        if name not in ("_==_", "_!=_") or not place.in_loop:
            return False
        roots = {checked.root_of(each) for each in given}
        return not roots & place.looped and all(map(self._tree.is_whole, given))

    def _allowed(self, room: Any, expr: Any) -> Any:
        """Return an expression that has the value of ``expr`` where there is room for it."""
        tree = self._tree
        found = tree.call("_?_:_", tree.call("@room", room), expr, tree.constant(value=False))
        tree.give_type(found, expr)
        return found

    def _size(self, name: str, expr: Any) -> Any:
        """Return how large the value of a variable is, which is that of ``expr``."""
        tree = self._tree
        if tree.is_list(expr, of_texts=True):
            return tree.size_of_all(name)
        if tree.is_list(expr):
            return self._length(name, ELEMENT)
        if not tree.is_dyn(expr):
            return self._length(name, 1)
        size = tree.constant(0)
        for type_, unit in _DYN_SIZES.items():
            is_such = tree.call(
                "_==_", tree.call("type", tree.variable(name)), tree.variable(type_)
            )
            size = tree.call("_?_:_", is_such, self._length(name, unit), size)
        return size

    def _length(self, name: str, unit: int) -> Any:
        tree = self._tree
        size = tree.call(_SIZE, tree.variable(name))
        return size if unit == 1 else tree.call("_*_", size, tree.constant(unit))

    def _run_instead(self, expr: Any) -> None:
        """Let a function of ours be called, where the library's is not to run."""
        overload = next((each for each in self._tree.overloads(expr) if each in _INSTEAD), None)
        if overload is not None:
            self._rename(expr, _INSTEAD[overload])

    def _rename(self, expr: Any, function: str) -> None:
        self._tree.rename(expr, function)
        self.has_changed = True


def _changed(place: _Place, **changes: Any) -> _Place:
    known = {name: getattr(place, name) for name in place.__slots__}
    return _Place(**{**known, **changes})

"""Expressions as they are once their types are checked: trees that can be changed.

The library writes and reads them as ``cel.expr.CheckedExpr``, a message of the specification of
CEL. Only the fields that are asked for are named here; all others stay as they are.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from protocube_server.cel.faults import CompileError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE: Final = "protocube.cel.checked"
_MESSAGES: Final[dict[str, dict[str, tuple[int, str]]]] = {
    "Checked": {
        "references": (2, "ReferenceEntry*"),
        "types": (3, "TypeEntry*"),
        "expr": (4, "Expr"),
    },
    "ReferenceEntry": {"key": (1, "int64"), "value": (2, "Reference")},
    "Reference": {"overloads": (3, "string*")},
    "TypeEntry": {"key": (1, "int64"), "value": (2, "Type")},
    "Type": {"dyn": (1, "Dyn"), "primitive": (3, "int64"), "list": (6, "ListType")}
    | {"map": (7, "Dyn"), "message": (9, "string")},
    "Dyn": {},
    "ListType": {"element": (1, "Type")},
    "Expr": {
        "id": (2, "int64"),
        "constant": (3, "Constant"),
        "ident": (4, "Ident"),
        "select": (5, "Select"),
        "call": (6, "Call"),
        "list": (7, "List"),
        "struct": (8, "Struct"),
        "loop": (9, "Loop"),
    },
    "Constant": {"bool": (2, "bool"), "int": (3, "int64")},
    "Ident": {"name": (1, "string")},
    "Select": {"operand": (1, "Expr")},
    "Call": {"target": (1, "Expr"), "function": (2, "string"), "args": (3, "Expr*")},
    "List": {"elements": (1, "Expr*")},
    "Struct": {"entries": (2, "Entry*")},
    "Entry": {"key": (3, "Expr"), "value": (4, "Expr")},
    "Loop": {
        "variable": (1, "string"),
        "second_variable": (8, "string"),
        "range": (2, "Expr"),
        "result_variable": (3, "string"),
        "start": (4, "Expr"),
        "condition": (5, "Expr"),
        "step": (6, "Expr"),
        "result": (7, "Expr"),
    },
}
"""The fields of each message by their numbers and types; ``*`` for many of them."""
_TEXTS: Final = (5, 6)
"""The primitive types ``string`` and ``bytes``."""
_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS: Final = {
    "int64": _Field.TYPE_INT64,
    "string": _Field.TYPE_STRING,
    "bool": _Field.TYPE_BOOL,
}


@functools.cache
def _class(name: str) -> Any:
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{_PACKAGE}.{name}"))


@functools.cache
def _pool() -> descriptor_pool.DescriptorPool:
    # Fields that are set to their zero value have to stay set, so this is proto2.
    file = descriptor_pb2.FileDescriptorProto(
        name="protocube/cel/checked.proto", package=_PACKAGE, syntax="proto2"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field_name, (number, type_) in fields.items():
            field = message.field.add(name=field_name, number=number)
            field.label = _Field.LABEL_REPEATED if type_.endswith("*") else _Field.LABEL_OPTIONAL
            base = type_.rstrip("*")
            field.type = _SCALARS.get(base, _Field.TYPE_MESSAGE)
            if base not in _SCALARS:
                field.type_name = f".{_PACKAGE}.{base}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


class Tree:
    """A checked expression, to be looked at and changed. Its parts are messages ``Expr``."""

    def __init__(self, serialized: bytes) -> None:
        """Read what the library wrote. Raises :class:`CompileError` for what is too deep."""
        self._any = any_pb2.Any.FromString(serialized)
        try:
            self._checked = _class("Checked").FromString(self._any.value)
        except DecodeError:
            raise CompileError("the expression is nested too deeply") from None
        self._references = {entry.key: entry.value for entry in self._checked.references}
        self._types = {entry.key: entry.value for entry in self._checked.types}
        self._last = max(self._types, default=0)

    @property
    def root(self) -> Any:
        """The expression itself."""
        return self._checked.expr

    def overloads(self, expr: Any) -> tuple[str, ...]:
        """Return what a call may run, by the types of its arguments."""
        found = self._references.get(expr.id)
        return tuple(found.overloads) if found is not None else ()

    def is_text(self, expr: Any) -> bool:
        """Tell whether a value is a string or bytes."""
        type_ = self._types.get(expr.id)
        return type_ is not None and type_.HasField("primitive") and type_.primitive in _TEXTS

    def is_list(self, expr: Any, *, of_texts: bool = False) -> bool:
        """Tell whether a value is a list, or one of strings or bytes."""
        type_ = self._types.get(expr.id)
        if type_ is None or not type_.HasField("list"):
            return False
        element: int = type_.list.element.primitive
        return not of_texts or element in _TEXTS

    def is_dyn(self, expr: Any) -> bool:
        """Tell whether it is not known of which type a value is."""
        type_ = self._types.get(expr.id)
        return type_ is not None and bool(type_.HasField("dyn"))

    def is_whole(self, expr: Any) -> bool:
        """Tell whether a value is a message or a map."""
        type_ = self._types.get(expr.id)
        return type_ is not None and (type_.HasField("message") or type_.HasField("map"))

    def is_small(self, expr: Any) -> bool:
        """Tell whether a value takes no room to speak of: numbers, ``true`` and ``false``."""
        type_ = self._types.get(expr.id)
        return type_ is not None and type_.HasField("primitive") and not self.is_text(expr)

    def give_type(self, expr: Any, like: Any) -> None:
        """Let an expression that stands for another one have its type."""
        if like.id in self._types:
            self._types[expr.id] = self._types[like.id]

    def rename(self, expr: Any, function: str) -> None:
        """Let a call run another function, with all arguments behind each other."""
        call = expr.call
        if call.HasField("target"):
            arguments = [_copy(call.target), *(_copy(each) for each in call.args)]
            call.ClearField("target")
            del call.args[:]
            call.args.extend(arguments)
        call.function = function
        self._references.pop(expr.id, None)

    def take(self, expr: Any) -> Any:
        """Return a copy of an expression, which is empty then, to be made into something else."""
        found = _copy(expr)
        expr.Clear()
        return found

    def call(self, function: str, *arguments: Any) -> Any:
        """Return a call of a function with expressions."""
        found = self._new()
        found.call.function = function
        found.call.args.extend(arguments)
        return found

    def constant(self, value: int | bool) -> Any:  # noqa: FBT001  # the value is what it is about
        """Return a number, or ``true`` or ``false``."""
        found = self._new()
        if isinstance(value, bool):
            found.constant.bool = value
        else:
            found.constant.int = value
        return found

    def variable(self, name: str) -> Any:
        """Return what a variable stands for."""
        found = self._new()
        found.ident.name = name
        return found

    def name(self) -> str:
        """Return a name that no expression has written."""
        return f"@{self._next()}"

    def bind(self, name: str, value: Any, body: Any) -> Any:
        """Return ``body``, in which a variable stands for ``value``."""
        found = self._new()
        loop = found.loop
        loop.variable, loop.result_variable = "#unused", name
        loop.range.CopyFrom(self._new())
        loop.range.list.SetInParent()
        loop.start.CopyFrom(value)
        loop.condition.CopyFrom(self.constant(value=False))
        loop.step.CopyFrom(self.variable(name))
        loop.result.CopyFrom(body)
        return found

    def size_of_all(self, texts: str) -> Any:
        """Return how long the texts of a list, which a variable stands for, are together."""
        found = self._new()
        loop = found.loop
        loop.variable, loop.result_variable = self.name(), self.name()
        loop.range.CopyFrom(self.variable(texts))
        loop.start.CopyFrom(self.constant(0))
        loop.condition.CopyFrom(self.constant(value=True))
        size = self.call("size", self.variable(loop.variable))
        loop.step.CopyFrom(self.call("_+_", self.variable(loop.result_variable), size))
        loop.result.CopyFrom(self.variable(loop.result_variable))
        return found

    def serialize(self) -> bytes:
        """Return what the library reads."""
        kept = [entry for entry in self._checked.references if entry.key in self._references]
        del self._checked.references[:]
        self._checked.references.extend(kept)
        self._any.value = self._checked.SerializeToString()
        return self._any.SerializeToString()

    def _new(self) -> Any:
        return _class("Expr")(id=self._next())

    def _next(self) -> int:
        self._last += 1
        return self._last


def _copy(expr: Any) -> Any:
    copy = type(expr)()
    copy.CopyFrom(expr)
    return copy


def parts(expr: Any) -> Iterator[Any]:
    """Yield the expressions that one is made of, but for those of loops."""
    if expr.HasField("select"):
        yield expr.select.operand
    elif expr.HasField("call"):
        yield from arguments(expr.call)
    elif expr.HasField("list"):
        yield from expr.list.elements
    elif expr.HasField("struct"):
        for entry in expr.struct.entries:
            if entry.HasField("key"):
                yield entry.key
            yield entry.value


def arguments(call: Any) -> Iterator[Any]:
    """Yield what a call is given; what it is called on is the first of these."""
    if call.HasField("target"):
        yield call.target
    yield from call.args


def is_constant(expr: Any) -> bool:
    """Tell whether a value is written in the expression itself."""
    if expr.HasField("list"):
        return all(map(is_constant, expr.list.elements))
    return bool(expr.HasField("constant"))


def root_of(expr: Any) -> str:
    """Return the variable of which a value is a part, ``""`` for what is none."""
    while True:
        if expr.HasField("select"):
            expr = expr.select.operand
        elif expr.HasField("call") and expr.call.function in ("_[_]", "_?._", "_[?_]"):
            expr = expr.call.args[0]
        else:
            return expr.ident.name if expr.HasField("ident") else ""


def is_binding(loop: Any) -> bool:
    """Tell whether a loop is none: ``cel.bind`` is written as one that ends at once."""
    condition = loop.condition
    return (
        loop.range.HasField("list")
        and not loop.range.list.elements
        and condition.HasField("constant")
        and condition.constant.HasField("bool")
        and not condition.constant.bool
    )

"""Small plausible mistakes in a source file: a guard dropped, a bound off by one, a word turned."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
_SPARED = ("_LOG", "_log", "logging", "click")
"""What is called on these is for people to read: texts have tests of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One mistake: what stands in the place of a part of a file."""

    start: int
    end: int
    text: str
    line: int
    what: str
    """The mistake in words."""
    statement: tuple[int, int]
    """The first and last line of its statement, or of the head of one that has a body."""

    imported: bool
    """Tells whether it runs when its file is imported, and never again."""

    def applied(self, source: bytes) -> bytes:
        """Return the file with the mistake."""
        return source[: self.start] + self.text.encode() + source[self.end :]


class _Finder(ast.NodeVisitor):
    """Collects the mistakes of one file."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._offsets = [0]
        for line in source.splitlines(keepends=True):
            self._offsets.append(self._offsets[-1] + len(line))
        self._statement = (0, 0)
        self._functions = 0
        self.found: list[Mutation] = []

    def _at(self, line: int, column: int) -> int:
        return self._offsets[line - 1] + column

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._at(node.lineno, node.col_offset),
            self._at(node.end_lineno, node.end_col_offset),
        )

    def _add(self, span: tuple[int, int], text: str, line: int, what: str) -> None:
        start, end = span
        what = " ".join(what.split())
        self.found.append(
            Mutation(
                start=start,
                end=end,
                text=text,
                line=line,
                what=what,
                statement=self._statement,
                imported=not self._functions,
            )
        )

    def _text(self, node: ast.expr | ast.stmt) -> str:
        start, end = self._span(node)
        return self._source[start:end].decode()

    def visit(self, node: ast.AST) -> None:
        """Keep the lines of the statement that is visited."""
        outer = self._statement
        if isinstance(node, ast.stmt):
            body: list[ast.stmt] = getattr(node, "body", [])
            last = body[0].lineno - 1 if body else node.end_lineno
            self._statement = node.lineno, max(node.lineno, last or 0)
        super().visit(node)
        self._statement = outer

    def visit_Compare(self, node: ast.Compare) -> None:  # the visitor's name
        """Turn a comparison, or move its bound by one."""
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            between = self._span(left)[1], self._span(right)[0]
            text = f" {_COMPARISONS[type(operator)]} "
            old = self._source[between[0] : between[1]].decode().strip()
            if "(" not in old and ")" not in old:
                self._add(between, text, node.lineno, f"{old} becomes{text}".rstrip())
            left = right
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """Leave out each part of a condition."""
        for index, value in enumerate(node.values):
            begin, end = self._span(value)
            if index:
                begin = self._span(node.values[index - 1])[1]
            else:
                end = self._span(node.values[1])[0]
            self._add((begin, end), "", node.lineno, f"without {self._text(value)}")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Take a ``not`` away."""
        if isinstance(node.op, ast.Not):
            self._add(self._span(node), f"({self._text(node.operand)})", node.lineno, "without not")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Turn a sum."""
        if isinstance(node.op, ast.Add | ast.Sub) and not _is_text(node):
            between = self._span(node.left)[1], self._span(node.right)[0]
            old = self._source[between[0] : between[1]].decode()
            new = old.translate(str.maketrans("+-", "-+"))
            self._add(between, new, node.lineno, f"{old.strip()} becomes {new.strip()}")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Move a number by one, turn a truth."""
        if isinstance(node.value, bool):
            self._add(self._span(node), str(not node.value), node.lineno, f"{not node.value}")
        elif isinstance(node.value, int):
            text = str(node.value + 1)
            self._add(self._span(node), text, node.lineno, f"{node.value} becomes {text}")

    def visit_If(self, node: ast.If) -> None:
        """Drop a guard: what would raise, return or go on does not."""
        if _is_typing(node.test):
            return
        if isinstance(node.body[-1], ast.Raise | ast.Return | ast.Continue | ast.Break):
            what = f"without the guard {self._text(node.test)[:60]}"
            self._add(self._span(node.test), "False", node.lineno, what)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        """Leave out a call that is made for what it does."""
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(call, ast.Call) and not _is_spared(call):
            self._add(self._span(node), "pass", node.lineno, f"without {self._text(node)[:60]}")
        self.generic_visit(node)

    def visit_Break(self, node: ast.Break) -> None:
        """Go on where it ends."""
        self._add(self._span(node), "continue", node.lineno, "break becomes continue")

    def visit_Raise(self, node: ast.Raise) -> None:
        """Spare texts."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Spare annotations."""
        if node.value is not None:
            self.visit(node.value)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Spare decorators: whether a dataclass is frozen, or has slots, nobody can tell."""
        for statement in node.body:
            self.visit(statement)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Spare annotations and decorators."""
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        self._functions += 1
        for statement in node.body:
            self.visit(statement)
        self._functions -= 1

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  # the visitor's name


def of(source: bytes) -> Iterator[Mutation]:
    """Yield the mistakes that can be made in a file, each of which is a file that compiles."""
    finder = _Finder(source)
    finder.visit(ast.parse(source))
    for found in finder.found:
        try:
            compile(found.applied(source), "mutant", "exec")
        except SyntaxError:
            continue
        yield found


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, ast.JoinedStr)
        or (isinstance(side, ast.Constant) and isinstance(side.value, str | bytes))
        for side in (node.left, node.right)
    )


def _is_typing(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _is_spared(call: ast.Call) -> bool:
    inner: ast.expr = call.func
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    return isinstance(inner, ast.Name) and inner.id in _SPARED

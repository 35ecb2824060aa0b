"""Stations that announce themselves; the builder puts them in only for ``--trace``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from protocube_client.resource.info import Info, ListInfo
from protocube_client.resource.mapper import Mapper

if TYPE_CHECKING:
    from protocube_client.resource.text.document import Document
    from protocube_client.resource.trace import Trace
    from protocube_client.resource.visitor import Visitor, VisitorFunc
    from protocube_client.resource.visitors.decorated import Decorator

_SECRET: Final = re.compile(rb"\b(Secret|TokenReview)(List)?\b")
"""The kinds whose objects are secrets themselves, wherever a document names them."""


class TracedVisitor:
    """A visitor between the two lines that tell of it."""

    def __init__(self, visitor: Visitor, name: str, trace: Trace) -> None:
        self._visitor = visitor
        self._name = name
        self._trace = trace

    async def visit(self, fn: VisitorFunc) -> None:
        """Visit as the visitor inside does."""
        with self._trace.station(self._name):
            await self._visitor.visit(fn)


class TracedMapper(Mapper):
    """A mapper that shows the document it is given and the Info it makes of it."""

    trace: Trace

    def info_for_data(self, raw: Document, source: str) -> Info:
        """Return the Info of one document, as the mapper does."""
        with self.trace.station("Mapper.info_for_data") as leave:
            self.trace.line(f"source: {source}, line {raw.line}")
            self._show(raw.raw)
            info = super().info_for_data(raw, source)
            if isinstance(info, ListInfo):
                leave(f"a list of {len(info.items)}")
            else:
                leave(f"Info {_described(info)}")
        return info

    def _show(self, raw: bytes) -> None:
        """Show a document, unless there may be a secret in it: what is traced is passed on."""
        if _SECRET.search(raw):
            self.trace.line(f"raw, {len(raw)} bytes: not shown, it may have a secret")
        else:
            self.trace.text(f"raw, {len(raw)} bytes", raw.decode())


def traced_function(fn: VisitorFunc, trace: Trace) -> VisitorFunc:
    """Return ``fn`` between the two lines that tell of it."""

    async def traced(info: Info | None, error: Exception | None) -> None:
        what = "error" if info is None else _described(info)
        # One by one, so that nothing has to wait for its turn.
        with trace.station(f"fn(info) {what}"):
            landing = await fn(info, error)
            if landing is not None:
                landing()

    return traced


def traced_decorator(decorate: Decorator, trace: Trace) -> Decorator:
    """Return ``decorate``, telling when it changes the namespace."""

    async def traced(info: Info) -> None:
        before = info.namespace
        await decorate(info)
        if info.namespace != before:
            name = type(decorate).__name__
            trace.line(f"{name}: namespace {before!r} -> {info.namespace!r}")

    return traced


def _described(info: Info) -> str:
    if isinstance(info, ListInfo):
        return "a list"
    where = f"{info.namespace}/" if info.namespace else ""
    return f"{info.mapping.kind} {where}{info.name} ({info.mapping.message})"

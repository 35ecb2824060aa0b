"""JSON patch (RFC 6902), with the peculiarities of the library that Kubernetes uses for it.

They are: a member that is replaced need not be there; one that is copied or compared with null
need not either; an operation without a value has null; indices may be negative (from the end)
and begin with zeros or a plus; a pointer loses what stands before its first slash; and the whole
document (``""``) can be compared, and replaced by an object or a list; another value in its place
changes nothing.

The library ``jsonpatch`` is exact where Kubernetes is not: it refuses all of these. It also
copies the whole document first, recurses, and cannot be interrupted, and has no bound on copies
of copies, so that 30 operations of 40 bytes fill the memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.manifests import json_values
from protocube.patching import patch_text, pointers, values
from protocube.patching.draft import Draft
from protocube.patching.refusal import DoesNotApply, unprocessable
from protocube.steps import finished

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocube.steps import Steps

MOST_OPERATIONS: Final = 10_000
MOST_COPIED: Final = 3 * 1024 * 1024
"""The size as JSON of all values together that the copies of one patch add."""

_FAULT: Final = "error decoding patch: "
_TEXTS: Final = ("op", "path", "from")
_MEMBERS: Final = {*_TEXTS, "value"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation; ``None`` stands for members that are absent or null."""

    op: str | None
    path: str | None
    source: str | None
    """The member ``from``."""
    value: Any
    has_value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonPatch:
    """A patch that can be applied."""

    operations: tuple[Operation, ...]
    faults: tuple[str, ...]
    """What strict field validation refuses and warnings tell: repeated and unknown members."""


def read(text: str) -> JsonPatch:
    """Return the patch that ``text`` says; ``null`` is one without operations.

    Raises ``BadRequest`` when it is no list of operations, and ``TooLarge`` for more than
    :data:`MOST_OPERATIONS`.
    """
    parsed = patch_text.parse(text, fault=_FAULT, written=True)
    found = [] if parsed.value is None else parsed.value
    if not isinstance(found, list):
        what = patch_text.what(found)
        raise errors.BadRequest(f"{_FAULT}a JSON patch is a list of operations, not {what}")
    if len(found) > MOST_OPERATIONS:
        raise errors.TooLarge(
            "Request entity too large: The allowed maximum operations in a JSON patch is "
            f"{MOST_OPERATIONS}, got {len(found)}"
        )
    faults = [f'json patch duplicate field "{path}"' for path in parsed.repeated]
    operations: list[Operation] = []
    for index, item in enumerate(found):
        operations.append(_operation(index, item))
        faults += [
            f'json patch unknown field "[{index}].{name}"'
            for name in item or ()
            if name not in _MEMBERS
        ]
    return JsonPatch(operations=tuple(operations), faults=tuple(faults))


def reads(operations: Sequence[Operation], path: Sequence[str]) -> bool:
    """Tell whether an operation looks at what is at ``path``, alone or with what it stands in."""
    return any(_is_above(pointer, path) for item in operations for pointer in _read_by(item))


def _read_by(operation: Operation) -> Iterator[str]:
    if operation.op in ("copy", "move") and operation.source is not None:
        yield operation.source
    if operation.op == "test" and operation.path is not None:
        yield operation.path


def _is_above(pointer: str, path: Sequence[str]) -> bool:
    if not pointer:
        return True
    try:
        steps = pointers.steps(pointer)
    except DoesNotApply:
        return False
    return list(path[: len(steps)]) == steps


def apply(document: Any, operations: Sequence[Operation]) -> Any:
    """Return what :func:`steps` returns, at once."""
    return finished(steps(document, operations))


def steps(document: Any, operations: Sequence[Operation]) -> Steps[Any]:
    """Return the document after all operations.

    Raises ``Invalid`` if one of them does not apply, if the copies are larger together than
    :data:`MOST_COPIED`, or if the result nests deeper than a text may.
    """
    run = _Run(document)
    try:
        for operation in operations:
            yield
            yield from run.step(operation)
    except DoesNotApply:
        raise unprocessable() from None
    result = run.draft.document
    if (yield from json_values.nests_deeper(result, json_values.DEEPEST_NESTING)):
        raise unprocessable()
    return result


class _Run:
    """A document on its way through the operations."""

    def __init__(self, document: Any) -> None:
        self.draft = Draft(document)
        self._copied = 0

    def step(self, operation: Operation) -> Steps[None]:
        if operation.path is None:
            raise DoesNotApply
        if not operation.path and operation.op in ("replace", "test"):
            yield from self._whole(operation)
            return
        path = pointers.steps(operation.path)
        if operation.op == "add":
            self.draft.add(path, operation.value)
        elif operation.op == "remove":
            self.draft.remove(path)
        elif operation.op == "replace":
            self.draft.replace(path, operation.value)
        elif operation.op == "move":
            self.draft.add(path, self.draft.remove(_source(operation)))
        elif operation.op == "copy":
            yield from self._copy(_source(operation), path)
        elif operation.op == "test":
            yield from _test(self.draft.read(path), operation)
        else:
            raise DoesNotApply

    def _whole(self, operation: Operation) -> Steps[None]:
        if operation.op == "test":
            yield from _test(self.draft.document, operation)
        elif isinstance(operation.value, dict | list):
            self.draft.document = operation.value
        elif not operation.has_value:
            raise DoesNotApply

    def _copy(self, source: Sequence[str], path: Sequence[str]) -> Steps[None]:
        value = self.draft.read(source)
        copy, size = yield from values.copied(value, MOST_COPIED - self._copied)
        self._copied += size
        if self._copied > MOST_COPIED:
            raise DoesNotApply
        self.draft.add(path, copy)


def _source(operation: Operation) -> list[str]:
    if operation.source is None:
        raise DoesNotApply
    return pointers.steps(operation.source)


def _test(found: Any, operation: Operation) -> Steps[None]:
    is_equal = yield from values.equal(found, operation.value)
    if not (operation.has_value and is_equal):
        raise DoesNotApply


def _operation(index: int, item: Any) -> Operation:
    # Go reads null as an operation without members.
    members = {} if item is None else item
    if not isinstance(members, dict):
        what = patch_text.what(item)
        raise errors.BadRequest(f"{_FAULT}[{index}] is {what}, not an operation")
    for name in _TEXTS:
        if not isinstance(members.get(name), str | None):
            what = patch_text.what(members[name])
            raise errors.BadRequest(f"{_FAULT}[{index}].{name} is {what}, not a string")
    return Operation(
        op=members.get("op"),
        path=members.get("path"),
        source=members.get("from"),
        value=members.get("value"),
        has_value="value" in members,
    )

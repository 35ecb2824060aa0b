"""Walks through a message to the messages in it that something is to be done with.

Defaults, rules, marked fields and what JSON cannot say are all found by this one walk. A message
type is compiled once, into what there is to do with it and the fields that lead to more; all
other fields cost nothing. The walk has a stack of its own instead of the interpreter's, so that
it can stop between any two messages, and others have their turn.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from protocube import descriptor_options
from protocube_server.kinds.reaching import reaching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.message import Message

T = TypeVar("T")

_TURN: Final = 32
"""Messages that are visited between two marks."""
_ONE, _LIST, _MAP = 0, 1, 2
"""Forms of fields: one message, a list of them, a map to them."""
_visit: Final = tuple.__new__
"""Makes a visit in a third of the time that its own constructor takes."""


class Visit(NamedTuple, Generic[T]):
    """A message that there is something to do with."""

    work: T
    message: Any
    prefix: str
    """What paths of its fields begin with: JSON names and subscripts, and a dot at the end."""
    level: int
    """How many messages it is within, entries of maps included."""


class _Step(NamedTuple, Generic[T]):
    """A field that leads to messages to be visited."""

    name: str
    form: int
    """One of the three above."""
    shown: str
    """The name in paths, with a dot unless elements follow; empty for what paths do not show."""
    below: _Node[T]


@dataclass(slots=True, kw_only=True, eq=False)
class _Node(Generic[T]):
    """One message type. Filled after it is made: types can be recursive."""

    work: T | None
    steps: tuple[_Step[T], ...] = ()
    """The last field first: of what is left, the last that was put there is visited next."""


_Left = tuple[_Node[T] | None, Any, str, int]
"""What is left to visit: a type, a message of it, its prefix and its level. Without a type it is
an iterator over such."""


class Walk(Generic[T]):
    """The way through the messages of one type. What there is to do is the caller's."""

    def __init__(
        self,
        descriptor: Descriptor,
        work: Callable[[Descriptor], T | None],
        *,
        leads: Callable[[FieldDescriptor], bool] = lambda _: True,
        shown: Callable[[FieldDescriptor], str] = lambda field: field.json_name,
    ) -> None:
        """Compile the type. ``work`` tells what to do with messages of a type, if anything.

        ``leads`` tells which fields of messages are gone into, and ``shown`` how a field is
        called in paths; one with an empty name is not in them.
        """
        self._work = work
        self._leads = leads
        self._shown = shown
        self._nodes: dict[str, _Node[T]] = {}
        self._root = self._compile(descriptor)
        self._prune()

    @property
    def work(self) -> Iterator[T]:
        """What there is to do with any type that the walk can come to."""
        return (node.work for node in self._nodes.values() if node.work is not None)

    def visits(self, message: Message) -> Iterator[Visit[T] | None]:
        """Yield the messages to be visited, and ``None`` where others may have their turn.

        A message comes before those in it, in the order of the fields' numbers and of lists; what
        is in it is looked for when the caller has seen it, and may have changed it.
        """
        left: list[_Left[T]] = [(self._root, message, "", 0)]
        visited = 0
        while left:
            node, item, prefix, level = left.pop()
            if node is None:
                left += _more(item)
                continue
            visited += 1
            if not visited % _TURN:
                yield None
            if node.work is not None:
                yield _visit(Visit, (node.work, item, prefix, level))
            if node.steps:
                _put_on(left, node, item, prefix, level + 1)

    def _compile(self, descriptor: Descriptor) -> _Node[T]:
        known = self._nodes.get(descriptor.full_name)
        if known is not None:
            return known
        node = self._nodes[descriptor.full_name] = _Node(work=self._work(descriptor))
        node.steps = tuple(self._steps(descriptor))
        return node

    def _steps(self, descriptor: Descriptor) -> Iterator[_Step[T]]:
        for field in sorted(descriptor.fields, key=lambda field: -field.number):
            if field.message_type is None or not self._leads(field):
                continue
            form = _LIST if field.is_repeated else _ONE
            values = descriptor_options.map_values(field)
            if values is not None:
                form = _MAP
            below: Any = (values or field).message_type  # of one implementation or the other
            if below is not None:
                shown = self._shown(field)
                if shown and form is _ONE:
                    shown += "."
                yield _Step(name=field.name, form=form, shown=shown, below=self._compile(below))

    def _prune(self) -> None:
        """Leave out the fields that lead to no work."""
        nodes = self._nodes.values()
        busy = reaching(
            nodes,
            works=lambda node: node.work is not None,
            below=lambda node: (step.below for step in node.steps),
        )
        for node in nodes:
            node.steps = tuple(step for step in node.steps if id(step.below) in busy)


def _put_on(left: list[_Left[T]], node: _Node[T], message: Any, prefix: str, level: int) -> None:
    """Put what there is to visit in a message on ``left``."""
    has = message.HasField
    for name, form, shown, below in node.steps:
        if form is _ONE:
            # Not ListFields: few fields lead anywhere, and it makes something of each.
            if has(name):
                left.append((below, getattr(message, name), prefix + shown, level))
        elif value := getattr(message, name):
            path = prefix + shown if shown else prefix[:-1]
            if form is _MAP or len(value) > _TURN:
                left += _held(value, below, path, level)
                continue
            for index in range(len(value) - 1, -1, -1):
                left.append((below, value[index], f"{path}[{index}].", level))


def _more(places: Iterator[_Left[T]]) -> list[_Left[T]]:
    """Return some more of a long list, the next one last, and before them what remains of it."""
    some = [*itertools.islice(places, _TURN)]
    return [(None, places, "", 0), *reversed(some)] if some else []


def _held(value: Any, below: _Node[T], path: str, level: int) -> Iterable[_Left[T]]:
    """Return what there is to visit in a list or a map, the last of it first.

    Of a long one that is an iterator, which is gone on with when the rest has been visited.
    """
    places: Iterator[_Left[T]]
    if hasattr(value, "keys"):
        places = ((below, value[key], f"{path}[{key}].", level + 1) for key in sorted(value))
    else:
        places = ((below, item, f"{path}[{index}].", level) for index, item in enumerate(value))
    if len(value) > _TURN:
        return ((None, places, "", 0),)
    return reversed([*places])

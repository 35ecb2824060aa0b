"""What a template consists of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Text outside of braces, or a quoted string."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """``.name``."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """``[start:end:step]``; ``None`` for what is left open."""

    start: int | None
    end: int | None
    step: int | None
    single: bool = False
    """``[start]``: one element, and ``end`` is the position behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A number, ``true`` or ``false``."""

    value: float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """``range``, ``end``, or a word that means nothing."""

    word: str


class Wildcard:
    """``.*``: all that an object or list holds."""


class Recursive:
    """``..``: the value and all values below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """``[?(left operator right)]``, or with the operator ``exists`` only what is left."""

    left: Action
    operator: str
    right: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Union:
    """``[0,2]`` or ``['a','b']``."""

    branches: tuple[Action, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What stands between two braces: steps, each on the values that the last one gave."""

    steps: tuple[Node, ...]


Node = Text | Field | Slice | Literal | Word | Wildcard | Recursive | Filter | Union | Action

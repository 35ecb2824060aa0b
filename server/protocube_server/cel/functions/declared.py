"""How a function in Python is declared to CEL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Overload:
    """One form of a function."""

    id: str
    """Unique among all functions."""
    parameters: tuple[str, ...]
    """Their types. That of a member stands first."""
    result: str
    is_member: bool
    run: Callable[..., Any] | None
    """Raises ``ValueError``, whose text is the expression's error. Without one it is declared."""
    is_counted: bool = True
    """Whether a call costs something by itself."""

    @property
    def messages(self) -> tuple[str, ...]:
        """The types of the parameters that are messages."""
        return tuple(name for name in self.parameters if _is_message(name))

    @property
    def form(self) -> tuple[Any, ...]:
        """What is known of it at run time, where all messages and all lists are of one kind."""
        return (self.is_member, *map(_kind, self.parameters))


@dataclass(frozen=True, slots=True)
class Function:
    """A function and its forms."""

    name: str
    overloads: tuple[Overload, ...]


def member(
    name: str,
    parameters: tuple[str, ...],
    result: str,
    run: Callable[..., Any] | None = None,
) -> Function:
    """Return a function that is called on its first parameter: ``x.name(y)``."""
    return Function(name, (_overload(name, parameters, result, run, is_member=True),))


def free(
    name: str,
    parameters: tuple[str, ...],
    result: str,
    run: Callable[..., Any] | None = None,
    *,
    is_counted: bool = True,
) -> Function:
    """Return a function that is called by its name: ``name(x)``."""
    found = _overload(name, parameters, result, run, is_member=False, is_counted=is_counted)
    return Function(name, (found,))


def _overload(
    name: str,
    parameters: tuple[str, ...],
    result: str,
    run: Callable[..., Any] | None,
    *,
    is_member: bool,
    is_counted: bool = True,
) -> Overload:
    words = "_".join((name, *parameters, "member" if is_member else "free"))
    return Overload(
        id="".join(each if each.isalnum() else "_" for each in words),
        parameters=parameters,
        result=result,
        is_member=is_member,
        run=run,
        is_counted=is_counted,
    )


def _kind(name: str) -> str:
    return "message" if _is_message(name) else name.partition("<")[0]


def _is_message(name: str) -> bool:
    return "." in name and "<" not in name

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
    run: Callable[..., Any]
    """Raises ``ValueError``, whose text is the expression's error."""

    @property
    def messages(self) -> tuple[str, ...]:
        """The types of the parameters that are messages."""
        return tuple(name for name in self.parameters if _is_message(name))

    @property
    def form(self) -> tuple[Any, ...]:
        """What is known of it at run time, where all messages are of one kind."""
        kinds = ("message" if _is_message(name) else name for name in self.parameters)
        return (self.is_member, *kinds)


@dataclass(frozen=True, slots=True)
class Function:
    """A function and its forms."""

    name: str
    overloads: tuple[Overload, ...]


def member(
    name: str, parameters: tuple[str, ...], result: str, run: Callable[..., Any]
) -> Function:
    """Return a function that is called on its first parameter: ``x.name(y)``."""
    return Function(name, (_overload(name, parameters, result, run, is_member=True),))


def free(name: str, parameters: tuple[str, ...], result: str, run: Callable[..., Any]) -> Function:
    """Return a function that is called by its name: ``name(x)``."""
    return Function(name, (_overload(name, parameters, result, run, is_member=False),))


def _overload(
    name: str,
    parameters: tuple[str, ...],
    result: str,
    run: Callable[..., Any],
    *,
    is_member: bool,
) -> Overload:
    words = "_".join((name, *parameters, "member" if is_member else "free"))
    return Overload(
        id="".join(each if each.isalnum() else "_" for each in words),
        parameters=parameters,
        result=result,
        is_member=is_member,
        run=run,
    )


def _is_message(name: str) -> bool:
    return "." in name and "<" not in name

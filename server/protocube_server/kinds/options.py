"""Finds what an option of the contract names."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


def named(by_name: Mapping[str, T], name: str, *, what: str, where: str) -> T:
    """Return the ``what`` of that name. Raises ``ValueError`` that says which there are.

    ``where`` is the full name of what carries the option.
    """
    try:
        return by_name[name]
    except KeyError:
        known = ", ".join(sorted(by_name))
        raise ValueError(f"{where}: no {what} {name!r}; there are {known}") from None

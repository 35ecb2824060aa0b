"""Kinds with more than one served version: one form is stored, the others are converted.

A conversion loses nothing on the way to the stored form and back: what a version
cannot say, it carries along in annotations, as Kubernetes does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.kinds.conversions.autoscalers import Autoscalers
from protocube_server.kinds.conversions.conversion import Conversion, SameNumbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube.catalog import Resource

__all__ = ["Conversion", "between"]

_BY_NAME: dict[str, Callable[[Resource, Resource], Conversion]] = {
    "": lambda served, stored: SameNumbers(served_kind=served, stored_kind=stored),
    "autoscalers": lambda served, stored: Autoscalers(served_kind=served, stored_kind=stored),
}


def between(served: Resource, stored: Resource) -> Conversion:
    """Give the conversion that the option of ``served`` names. Raises ``ValueError``."""
    try:
        conversion = _BY_NAME[served.options.conversion]
    except KeyError:
        known = ", ".join(sorted(filter(None, _BY_NAME)))
        message = (
            f"{served.message}: no conversion {served.options.conversion!r}; there are {known}"
        )
        raise ValueError(message) from None
    return conversion(served, stored)

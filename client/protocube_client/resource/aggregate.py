"""Several errors as one, with the text that Kubernetes' ``Aggregate`` has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube.errors import ApiError
from protocube.manifests.manifest_error import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Aggregate(Exception):  # the name that kubectl's readers know
    """Errors in the order they happened; at least one.

    ``str()`` is ``[A, B]`` with nested aggregates opened and repetitions left out, or
    the one text that remains.
    """

    def __init__(self, errors: Iterable[Exception]) -> None:
        self.errors = tuple(errors)
        if not self.errors:
            raise ValueError("an aggregate needs an error")
        super().__init__(*self.errors)

    def __str__(self) -> str:
        """Return the text of all errors."""
        if len(self.errors) == 1:
            return str(self.errors[0])
        texts = list(dict.fromkeys(str(error) for error in _leaves(self)))
        return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _leaves(aggregate: Aggregate) -> Iterator[Exception]:
    for error in aggregate.errors:
        if isinstance(error, Aggregate):
            yield from _leaves(error)
        else:
            yield error


def kept(error: Exception) -> Exception:
    """Return ``error`` as it can be kept among thousands: without the frames it passed.

    They would hold the object and its text for as long as the error. An unforeseen error
    keeps them, because they say where it comes from.
    """
    if isinstance(error, (ApiError, ManifestError, Aggregate)):
        error.__traceback__ = None
        error.__context__ = None
    return error


def raise_all(errors: Iterable[Exception]) -> None:
    """Raise an :class:`Aggregate` of ``errors``, or nothing when there are none."""
    found = tuple(errors)
    if found:
        raise Aggregate(found)

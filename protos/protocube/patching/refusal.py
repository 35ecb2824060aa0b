"""How a patch is refused that can be read and does not fit the object."""

from __future__ import annotations

from typing import Final

from protocube import errors

_MESSAGE: Final = "the server rejected our request due to an error in our request"


class DoesNotApply(Exception):  # reads as the statement it is
    """An operation of a JSON patch cannot be carried out on the document."""


def unprocessable() -> errors.Invalid:
    """Return the one refusal that Kubernetes has for all such patches."""
    return errors.Invalid(_MESSAGE)

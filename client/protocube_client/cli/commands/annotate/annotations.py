"""How annotations are changed, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHANGE_CAUSE = "kubernetes.io/change-cause"
"""It can always be overwritten."""


class Annotations:
    """Annotations, for :mod:`protocube_client.cli.marking.marking`."""

    field = "annotations"
    missing = ""

    def refuse_overwriting(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        """Raise :class:`CommandError` with the keys that have another value already."""
        found = [
            f"'{key}' already has a value ({old[key]})"
            for key, value in new.items()
            if key != _CHANGE_CAUSE and old.get(key, value) != value
        ]
        if found:
            raise CommandError(
                "--overwrite is false but found the following declared annotation(s): "
                + "; ".join(found)
            )

    def done(self, *_: dict[str, Any], overwrite: bool) -> str:  # noqa: ARG002  # the contract's
        """Return the word of kubectl, which is the same whatever has changed."""
        return "annotated"

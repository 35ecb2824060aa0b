"""How labels are changed, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.manifests import json_text
from protocube_client.cli.failures import CommandError
from protocube_client.resource.aggregate import Aggregate

if TYPE_CHECKING:
    from collections.abc import Mapping


class Labels:
    """Labels, for :mod:`protocube_client.cli.marking.marking`."""

    field = "labels"
    missing = 'label "{}" not found.'

    def refuse_overwriting(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        """Raise what is wrong with each key that has another value already."""
        faults = [
            CommandError(f"'{key}' already has a value ({old[key]}), and --overwrite is false")
            for key, value in new.items()
            if old.get(key, value) != value
        ]
        if len(faults) == 1:
            raise faults[0]
        if faults:
            raise Aggregate(faults)

    def done(self, old: dict[str, Any], new: dict[str, Any], *, overwrite: bool) -> str:
        """Return the word of kubectl, which compares the sizes of the JSON before and after."""
        if old == new:
            return "not labeled"
        shorter = len(json_text.compact(new)) < len(json_text.compact(old))
        return "unlabeled" if shorter and not overwrite else "labeled"

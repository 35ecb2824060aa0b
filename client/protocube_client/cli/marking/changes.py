"""The changes that arguments such as ``tier=front`` and ``tier-`` ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is to be set and what is to be taken away."""

    values: Mapping[str, str]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        """Tell whether there is any change."""
        return bool(self.values or self.removed)

    def applied(self, old: Mapping[str, str]) -> dict[str, str]:
        """Return ``old`` after the changes."""
        changed = {**old, **self.values}
        return {key: value for key, value in changed.items() if key not in self.removed}


def split(arguments: Sequence[str], what: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the arguments that name objects, and those that are changes of ``what``.

    Raises :class:`CommandError` when an object is named behind a change.
    """
    named: list[str] = []
    changes: list[str] = []
    for argument in arguments:
        if _is_setting(argument) or _is_removal(argument):
            changes.append(argument)
        elif changes:
            raise CommandError(f"all resources must be specified before {what} changes: {argument}")
        else:
            named.append(argument)
    return tuple(named), tuple(changes)


def of_annotations(arguments: Sequence[str]) -> Changes:
    """Return the changes of annotations. Raises :class:`CommandError` in kubectl's words."""
    pairs = [argument.partition("=") for argument in arguments if _is_setting(argument)]
    changes = Changes(
        values={key: value for key, _, value in pairs},
        removed=tuple(argument[:-1] for argument in arguments if not _is_setting(argument)),
    )
    both = [key for key in changes.removed if key in changes.values]
    if both:
        raise CommandError(
            "can not both modify and remove the following annotation(s) in the same command: "
            + ", ".join(both)
        )
    return changes


def of_labels(arguments: Sequence[str]) -> Changes:
    """Return the changes of labels. Raises :class:`CommandError` in kubectl's words."""
    from protocube import selectors
    from protocube.errors import quote

    values: dict[str, str] = {}
    removed: list[str] = []
    for argument in arguments:
        if not _is_setting(argument):
            removed.append(argument[:-1])
            continue
        key, _, value = argument.partition("=")
        if "=" in value:
            raise CommandError(f"invalid label spec: {argument}")
        if faults := selectors.label_value_faults(value):
            raise CommandError(f"invalid label value: {quote(argument)}: {';'.join(faults)}")
        values[key] = value
    if any(key in values for key in removed):
        raise CommandError("can not both modify and remove a label in the same command")
    return Changes(values=values, removed=tuple(removed))


def _is_setting(argument: str) -> bool:
    return "=" in argument[1:] and not argument.startswith("=")


def _is_removal(argument: str) -> bool:
    return argument.endswith("-") and argument != "-"

"""Variables as arguments of ``cubectl set env``: ``NAME=value``, ``NAME-`` and ``-``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube.errors import quote
from protocube_client.cli import variable_names
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

Variable = dict[str, Any]
"""An ``EnvVar`` as JSON data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """What is to be set and what is to be taken away."""

    values: tuple[Variable, ...]
    removed: frozenset[str]

    def applied(self, present: Sequence[Variable]) -> list[Variable]:
        """Return the variables of a container after the changes.

        A new value stands where the name stood first, and others of the name are gone. New
        names come last.
        """
        wanted = by_name(self.values)
        found: list[Variable] = []
        done = set(self.removed)
        for variable in present:
            name = variable["name"]
            if name not in done:
                found.append(wanted.get(name, variable))
            if name in wanted:
                done.add(name)
        return found + [variable for name, variable in wanted.items() if name not in done]

    def refuse_overwriting(self, present: Sequence[Variable]) -> None:
        """Raise :class:`CommandError` when a variable has another value already."""
        old = by_name(present)
        for variable in self.values:
            before = old.get(variable["name"])
            if before is not None and before.get("value", "") != variable.get("value", ""):
                raise CommandError(
                    f"'{variable['name']}' already has a value ({before.get('value', '')}), "
                    "and --overwrite is false"
                )


def split(arguments: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the arguments that name objects, and those that are changes.

    Raises :class:`CommandError` when an object is named behind a change.
    """
    named: list[str] = []
    changes: list[str] = []
    for argument in arguments:
        if "=" in argument[1:] or argument.endswith("-"):
            changes.append(argument)
        elif changes:
            raise CommandError(
                "all resources must be specified before environment changes: " + " ".join(arguments)
            )
        else:
            named.append(argument)
    return tuple(named), tuple(changes)


def read(arguments: Sequence[str], stdin: BinaryIO) -> Variables:
    """Return the changes of ``arguments``; ``-`` reads them from ``stdin``, a line each.

    Raises :class:`CommandError` in kubectl's words.
    """
    values: list[Variable] = []
    removed: list[str] = []
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if argument == "-":
            values += _lines(stdin)
        elif equals:
            if faults := variable_names.faults(name):
                raise CommandError(f"{quote(name)} is not a valid key name: {';'.join(faults)}")
            values.append(variable(name, value))
        elif argument.endswith("-"):
            removed.append(argument[:-1])
        else:
            raise CommandError(f"unknown environment variable: {argument}")
    if any(each["name"] in removed for each in values):
        raise CommandError(
            "can not both modify and remove the same environment variable in the same command"
        )
    return Variables(values=tuple(values), removed=frozenset(removed))


def by_name(variables: Sequence[Variable]) -> Mapping[str, Variable]:
    """Return the first variable of each name."""
    found: dict[str, Variable] = {}
    for each in variables:
        found.setdefault(each["name"], each)
    return found


def variable(name: str, value: str) -> Variable:
    """Return a variable with a value of its own."""
    return {"name": name, "value": value} if value else {"name": name}


def _lines(stdin: BinaryIO) -> Iterator[Variable]:
    for line in stdin.read().decode("utf-8", "replace").splitlines():
        name, equals, value = line.partition("#")[0].partition("=")
        if equals:
            yield variable(name, value)

"""Command lines as kubectl reads them: the rules of pflag, in front of click.

pflag and click differ in ways that people's fingers know: ``-o=yaml``, ``--all=false``,
``--dry-run`` that takes a value only after ``=``, ``--no_headers``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube.errors import quote
from protocube_client.cli.failures import UsageError
from protocube_client.cli.flags import durations, integers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
"""What pflag reads as yes."""
FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})
"""What it reads as no."""
RAW = "a raw URI is HTTP's, and this server speaks gRPC: ask it with grpcurl"
"""Why there is no ``--raw`` of what writes."""


class Flag(click.Option):
    """An option with a value; ``bare`` is the value when it is given without one."""

    def __init__(
        self,
        declarations: Sequence[str],
        *,
        bare: str | None = None,
        values: Sequence[str] = (),
        source: str = "",
        needed: bool = False,
        **attributes: Any,
    ) -> None:
        """Return a flag, which must be given when it is ``needed``.

        ``values`` are what it takes, or ``source`` is where they come from, to a shell
        that completes it (see ``completion.sources``).
        """
        if attributes.get("type") is click.INT:
            attributes["type"] = integers.INT
        super().__init__(declarations, **attributes)
        self.bare = bare
        self.needed = needed
        self.values = tuple(values)
        self.source = source

    @property
    def long(self) -> str:
        """The name with its dashes: ``--filename``."""
        return next(name for name in self.opts if name.startswith("--"))

    @property
    def short(self) -> str:
        """The short name with its dash, or nothing."""
        return next((name for name in self.opts if not name.startswith("--")), "")

    def fault(self, value: str) -> str:
        """Say what is wrong with a value in Go's words; nothing when it is right."""
        if self.type is click.BOOL and value not in TRUE | FALSE:
            return f"strconv.ParseBool: parsing {quote(value)}: invalid syntax"
        return self.type.fault(value) if isinstance(self.type, integers.Integer) else ""

    def get_help_record(
        self,
        ctx: click.Context,  # noqa: ARG002  # click's contract
    ) -> tuple[str, str] | None:
        """Return the line of the help text: ``-f, --filename=FILE``."""
        if self.hidden:
            return None
        names = f"{self.short}, {self.long}" if self.short else f"    {self.long}"
        value = f"={self.metavar}" if self.metavar else ""
        return names + (f"[{value}]" if value and self.bare is not None else value), self.help or ""


class Switch(Flag):
    """A flag that is on or off: ``--all``, ``--all=false``."""

    def __init__(
        self, declarations: Sequence[str], *, default: bool | None = False, **attributes: Any
    ) -> None:
        super().__init__(declarations, bare="true", type=click.BOOL, default=default, **attributes)


class Duration(Flag):
    """A flag that takes a span of time in Go's notation: ``1m30s``."""

    def fault(self, value: str) -> str:
        """Say what is wrong with a span; nothing when it is right."""
        return durations.fault(value)


class Unsupported(Flag):
    """A flag of kubectl's that there is not here; who gives it is told why, and what to do.

    ``harmless`` are the values that ask for nothing but what is done anyhow.
    """

    def __init__(
        self, name: str, reason: str, *, harmless: frozenset[str] = frozenset(), short: str = ""
    ) -> None:
        # Whether its value stands behind it makes no difference to who is refused.
        names = [name, short] if short else [name]
        super().__init__(names, bare="true", hidden=True, expose_value=False)
        self.reason = reason
        self.harmless = harmless


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A command line taken apart."""

    flags: tuple[tuple[Flag, str], ...]
    """The flags with their values, in order."""
    arguments: tuple[str, ...]
    """The rest."""
    before_dashes: int
    """How many of the arguments stand before ``--``: all of them without one."""


def parse(args: Sequence[str], known: Sequence[Flag], *, advice: str, mixed: bool) -> Parsed:
    """Take ``args`` apart. Raises :class:`UsageError` in pflag's words.

    ``advice`` is the line below them. With ``mixed``, flags may follow
    arguments; without it, everything from the first argument on is left alone.
    """
    names = {name: flag for flag in known for name in flag.opts}
    found: list[tuple[Flag, str]] = []
    arguments: list[str] = []
    before_dashes: int | None = None
    waiting = list(reversed(args))
    try:
        while waiting:
            arg = waiting.pop()
            if arg == "--":
                before_dashes = len(arguments)
                arguments += reversed(waiting)
                break
            if arg.startswith("--"):
                found.append(_long(arg, names, waiting))
            elif arg.startswith("-") and arg != "-":
                found += _shorts(arg, names, waiting)
            else:
                arguments.append(arg)
                if not mixed:
                    arguments += reversed(waiting)
                    break
        for flag, value in found:
            if isinstance(flag, Unsupported) and value not in flag.harmless:
                raise UsageError(f"error: {flag.long} is not supported: {flag.reason}")
            _check(flag, value)
    except _WrongFlagError as error:
        raise UsageError(f"error: {error}", advice) from None
    return Parsed(
        flags=tuple(found),
        arguments=tuple(arguments),
        before_dashes=len(arguments) if before_dashes is None else before_dashes,
    )


def first_argument(args: Sequence[str], known: Sequence[Flag]) -> int | None:
    """Return the position of the first word of ``args`` that is no flag and no flag's value.

    Nothing is refused here: an unknown flag is taken for one with a value behind it.
    """
    names = {name: flag for flag in known for name in flag.opts}
    at = 0
    while at < len(args):
        arg = args[at]
        if arg == "--":
            return None
        if not arg.startswith("-") or arg == "-":
            return at
        at += 2 if _takes_next(arg, names) else 1
    return None


def named(args: Sequence[str], known: Sequence[Flag]) -> frozenset[str]:
    """Return the long names of the flags that ``args`` give; none when they cannot be read.

    What is wrong with them is told when they are parsed.
    """
    try:
        found = parse(args, known, advice="", mixed=True).flags
    except UsageError:
        return frozenset()
    return frozenset(flag.long for flag, _ in found)


def _takes_next(arg: str, names: Mapping[str, Flag]) -> bool:
    """Tell whether the word behind a flag is its value."""
    if "=" in arg:
        return False
    if arg.startswith("--"):
        flag = names.get(arg.replace("_", "-"))
        return flag is None or flag.bare is None
    for position, letter in enumerate(arg[1:], 2):
        flag = names.get(f"-{letter}")
        if flag is None or flag.bare is None:
            return position == len(arg)
    return False


def words(values: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a flag that may be given often and holds commas, in order.

    A word with a comma stands in double quotes, as in a CSV file.
    """
    return tuple(word for row in csv.reader(values) for word in row)


class _WrongFlagError(Exception):
    """What is wrong, without where help is."""


def _long(arg: str, names: Mapping[str, Flag], waiting: list[str]) -> tuple[Flag, str]:
    name, equals, value = arg.partition("=")
    flag = names.get(name.replace("_", "-"))
    if flag is None:
        raise _WrongFlagError(f"unknown flag: {name}")
    if equals:
        return flag, value
    if flag.bare is not None:
        return flag, flag.bare
    if not waiting:
        raise _WrongFlagError(f"flag needs an argument: {name}")
    return flag, waiting.pop()


def _shorts(arg: str, names: Mapping[str, Flag], waiting: list[str]) -> list[tuple[Flag, str]]:
    """Read ``-Rf``, ``-fFILE``, ``-o=yaml`` and ``-n NAME``."""
    found: list[tuple[Flag, str]] = []
    letters = arg[1:]
    while letters:
        letter, rest = letters[0], letters[1:]
        flag = names.get(f"-{letter}")
        if flag is None:
            raise _WrongFlagError(f"unknown shorthand flag: '{letter}' in -{letters}")
        if rest.startswith("=") and len(rest) > 1:
            return [*found, (flag, rest[1:])]
        if flag.bare is not None:
            found.append((flag, flag.bare))
            letters = rest
            continue
        if rest:
            return [*found, (flag, rest)]
        if not waiting:
            raise _WrongFlagError(f"flag needs an argument: '{letter}' in -{letters}")
        return [*found, (flag, waiting.pop())]
    return found


def _check(flag: Flag, value: str) -> None:
    name = f"{flag.short}, {flag.long}" if flag.short else flag.long
    fault = flag.fault(value)
    if fault:
        raise _WrongFlagError(f"invalid argument {quote(value)} for {quote(name)} flag: {fault}")

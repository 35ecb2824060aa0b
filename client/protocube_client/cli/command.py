"""click's commands with kubectl's manners."""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from protocube.errors import quote
from protocube_client.cli import failures, global_flags, help_text
from protocube_client.cli.app import App
from protocube_client.cli.failures import CommandError, UsageError, misuse
from protocube_client.cli.flags import pflag
from protocube_client.cli.places import spelling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from protocube_client.cli.settings.preferences import Preferences

ARGUMENTS = "arguments"
"""The parameter that takes what is not a flag."""
BEFORE_DASHES = "protocube.before_dashes"
"""Where ``click.Context.meta`` keeps how many arguments stand before ``--``."""

_FIRST_FLAG = "protocube.first_flag"
"""Where it keeps the flag that stands before the command."""

Table = dict[str, tuple[str, str]]
"""Commands by name: the module that holds each as ``COMMAND``, and what it does."""


class _Manners(click.Command):
    """Parsing and help, for a single command as for the group of them."""

    mixed = True
    """Flags may follow arguments."""
    root = False
    examples = ""
    usage = ""
    failed = failures.FAILED
    """The exit code when the command fails."""
    advice = "See '{} --help' for usage."
    """The line below a wrong flag; ``{}`` stands for the command."""
    table: Mapping[str, tuple[str, str]]
    """The commands below this one."""
    aliases: Mapping[str, str] = MappingProxyType({})
    """Other names of them."""
    refused: Mapping[str, str] = MappingProxyType({})
    """Commands of kubectl's below this one that there are not here, with the reason of each."""
    takes_plugins = False
    """Programs on PATH add commands below this one."""
    completes: tuple[str, ...] = ()
    """What the arguments are, to a shell (see ``completion.sources``)."""

    def known_flags(self) -> list[pflag.Flag]:
        """Return the flags that the command takes."""
        return [param for param in self.params if isinstance(param, pflag.Flag)]

    def called(self, word: str) -> str:
        """Return the name of the command below that ``word`` calls; nothing when it calls none."""
        name = self.aliases.get(word, word)
        return name if name in self.table else ""

    def refuse(self, word: str) -> None:
        """Raise :class:`CommandError` for a command of kubectl's that there is not here."""
        if word in self.refused:
            raise CommandError(f"{word} is not supported: {self.refused[word]}")

    def below(self, name: str) -> Command:
        """Import the command ``name`` below this one."""
        command: Command = importlib.import_module(self.table[name][0]).COMMAND
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read ``args`` by pflag's rules and hand click what is left to convert."""
        ctx.ensure_object(App).ending.failed = self.failed
        advice = self.advice.format(ctx.command_path)
        parsed = pflag.parse(args, self.known_flags(), advice=advice, mixed=self.mixed)
        _require(self.known_flags(), parsed)
        ctx.meta[BEFORE_DASHES] = parsed.before_dashes
        if self.root and parsed.flags:
            ctx.meta[_FIRST_FLAG] = args[0]
        given = [f"{flag.long}={value}" for flag, value in parsed.flags]
        return super().parse_args(ctx, [*given, "--", *parsed.arguments])

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does, examples, flags, and how it is called."""
        formatter.write("".join(f"{line}\n" for line in self._help(ctx)))

    def _help(self, ctx: click.Context) -> Iterable[str]:
        yield from help_text.paragraphs(self.help or "")
        if self.examples:
            yield "\nExamples:"
            for line in self.examples.strip("\n").splitlines():
                yield f"  {line}".rstrip()
        if self.table:
            yield "\nCommands:"
            yield from help_text.definitions((name, text) for name, (_, text) in self.table.items())
        yield "\nOptions:"
        records = (flag.get_help_record(ctx) for flag in self.known_flags())
        yield from help_text.definitions(record for record in records if record)
        yield "\nUsage:"
        yield from help_text.usage(f"{ctx.command_path} {self.usage}")
        if not self.root:
            advice = f'Use "{ctx.find_root().command_path} --help" for what every command takes.'
            yield ""
            yield from help_text.paragraphs(advice)


class Command(_Manners):
    """One command. Its callback gets the :class:`App`, its flags and ``arguments``.

    It may have commands below it, each of which is imported when it is called.
    """

    def __init__(
        self,
        name: str,
        *,
        params: Sequence[pflag.Flag],
        usage: str = "[flags]",
        examples: str = "",
        table: Mapping[str, tuple[str, str]] | None = None,
        aliases: Mapping[str, str] | None = None,
        refused: Mapping[str, str] | None = None,
        takes_plugins: bool = False,
        completes: Sequence[str] = (),
        failed: int = failures.FAILED,
        advice: str = "",
        **attributes: Any,
    ) -> None:
        """Return a command that ends with the exit code ``failed`` when it fails.

        ``advice`` stands below a wrong flag in place of the usual line.

        ``aliases`` are other names of the commands in ``table``; ``completes`` says what
        each of its arguments is to a shell, the last entry what all others are.
        """
        self.refused = refused or {}
        self.takes_plugins = takes_plugins
        self.usage = usage
        self.examples = examples
        self.table = table or {}
        self.completes = tuple(completes)
        self.failed = failed
        self.advice = advice or self.advice
        self.aliases = aliases or {}
        rest = click.Argument([ARGUMENTS], nargs=-1)
        own = {word for flag in params for word in flag.opts}
        # As in kubectl, a command's own --user is not the one of every command.
        everywhere = (
            flag
            for flag in (*global_flags.of_every_command(hidden=True), *global_flags.not_here())
            if own.isdisjoint(flag.opts)
        )
        every = [*params, *everywhere, rest]
        super().__init__(name, params=every, add_help_option=False, **attributes)

    def find_below(self, args: Sequence[str]) -> tuple[str, Command, list[str]] | None:
        """Return the command below this one that ``args`` name, with the other words.

        Flags may stand before its name; they are the found command's.
        """
        at = pflag.first_argument(args, self.known_flags()) if self.table else None
        if at is None:
            return None
        self.refuse(args[at])
        name = self.called(args[at])
        if not name:
            return None
        return name, self.below(name), [*args[:at], *args[at + 1 :]]

    def with_defaults(
        self, args: Sequence[str], defaults: Mapping[str, str], source: str
    ) -> list[str]:
        """Return ``args`` with the ``defaults`` of flags that are not among them.

        Raises :class:`CommandError` for a flag that the command does not have; ``source`` is the
        file that says so.
        """
        known = {flag.long: flag for flag in self.known_flags()}
        for name in defaults:
            if f"--{name}" not in known:
                fault = f"{quote(self.name or '')} has no flag {quote(name)}"
                raise CommandError(f"error loading preferences {quote(source)}: {fault}")
        given = pflag.named(args, self.known_flags()) if defaults else ()
        missing = (f"--{name}={defaults[name]}" for name in defaults if f"--{name}" not in given)
        return [*missing, *args]


class Group(Command):
    """A command that does nothing itself: it shows what is below it.

    It fails, unless it is one whose ``help_is_enough``; of kubectl's, some are and some are not.
    """

    def __init__(self, name: str, *, help_is_enough: bool = False, **attributes: Any) -> None:
        callback = _help_of_group if help_is_enough else _no_command
        super().__init__(name, params=[], usage="COMMAND [flags]", callback=callback, **attributes)


class Root(_Manners, click.Group):
    """The command above the commands; each is imported when it is called."""

    mixed = False
    root = True
    usage = "[command] [flags]"

    def __init__(
        self,
        name: str,
        table: Table,
        *,
        hidden: Table | None = None,
        refused: Mapping[str, str] | None = None,
        **attributes: Any,
    ) -> None:
        """Return the group of ``table``, and of ``hidden`` which help leaves out."""
        super().__init__(
            name,
            params=[*global_flags.of_every_command(hidden=False), *global_flags.not_here()],
            add_help_option=False,
            invoke_without_command=True,
            callback=_help_unless_called,
            **attributes,
        )
        self.table = table
        self._hidden = hidden or {}
        self.refused = refused or {}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that ``args`` begins with, however deep it lies."""
        name, rest = args[0], args[1:]
        if name in self._hidden:
            hidden: click.Command = importlib.import_module(self._hidden[name][0]).COMMAND
            return name, hidden, rest
        self.refuse(name)
        preferences = self._preferences(ctx)
        alias = None
        if preferences is not None and name not in self.table:
            alias = preferences.aliases.get(name)
        if alias is not None:
            name, *words = alias.words
            rest = [*words, *alias.prepended, *rest, *alias.appended]
        if name not in self.table:
            self._run_plugin(ctx, args, least=1)
            self._fail_for(ctx, name)
        command = self.below(name)
        while found := command.find_below(rest):
            word, command, rest = found
            name = f"{name} {word}"
        if command.takes_plugins:
            self._run_plugin(ctx, [name, *rest], least=2)
        if preferences is not None:
            given = alias.flags if alias is not None else {}
            rest = command.with_defaults(
                rest, {**preferences.defaults.get(name, {}), **given}, preferences.file
            )
        return name, command, rest

    def _preferences(self, ctx: click.Context) -> Preferences | None:
        from protocube_client.cli.settings import preferences

        app = ctx.ensure_object(App)
        return preferences.of(app.given, app.environ)

    def _run_plugin(self, ctx: click.Context, args: Sequence[str], *, least: int) -> None:
        """Become the plugin that ``args`` name in no less than ``least`` words, if there is one."""
        from protocube_client.cli import plugins

        app = ctx.ensure_object(App)
        found = plugins.find(args, app.environ, least=least)
        if found is None:
            return
        if flag := ctx.meta.get(_FIRST_FLAG):
            raise CommandError(f"flags cannot be placed before plugin name: {flag}")
        plugins.become(found, app.environ)

    def _fail_for(self, ctx: click.Context, word: str) -> NoReturn:
        lines = [f"error: unknown command {quote(word)} for {quote(ctx.command_path)}"]
        near = spelling.near(word, self.table)
        if near:
            lines += ["", "Did you mean this?", *(f"\t{name}" for name in near)]
        raise UsageError(*lines)


def _require(known: Sequence[pflag.Flag], parsed: pflag.Parsed) -> None:
    """Raise :class:`CommandError` for flags that are needed and not given.

    A command line that asks for help needs none.
    """
    given = {flag.long for flag, _ in parsed.flags}
    missing = sorted(flag.long for flag in known if flag.needed and flag.long not in given)
    if missing and "--help" not in given:
        names = ", ".join(quote(name.removeprefix("--")) for name in missing)
        raise CommandError(f"required flag(s) {names} not set")


@click.pass_context
def _help_unless_called(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        ctx.ensure_object(App).streams.out.write(ctx.get_help() + "\n")


@click.pass_context
def _help_of_group(ctx: click.Context, arguments: tuple[str, ...]) -> None:  # noqa: ARG001  # as kubectl's
    ctx.ensure_object(App).streams.out.write(ctx.get_help() + "\n")


@click.pass_context
def _no_command(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    if arguments:
        raise misuse(f"unknown command {quote(' '.join(arguments))}", ctx.command_path)
    raise UsageError(*ctx.get_help().splitlines())

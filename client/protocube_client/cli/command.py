"""click's commands with kubectl's manners."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, NoReturn

import click
from protocube.errors import quote

from protocube_client.cli import flags, global_flags, spelling
from protocube_client.cli.app import App
from protocube_client.cli.failures import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ARGUMENTS = "arguments"
"""The parameter that takes what is not a flag."""


class _Manners(click.Command):
    """Parsing and help, for a single command as for the group of them."""

    mixed = True
    """Flags may follow arguments."""
    flags_of_all_hidden = True
    examples = ""
    usage = ""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read ``args`` by pflag's rules and hand click what is left to convert."""
        known = [param for param in self.get_params(ctx) if isinstance(param, flags.Flag)]
        parsed = flags.parse(args, known, path=ctx.command_path, mixed=self.mixed)
        given = [f"{flag.long}={value}" for flag, value in parsed.flags]
        return super().parse_args(ctx, [*given, "--", *parsed.arguments])

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does, examples, flags, and how it is called."""
        formatter.write(f"{self.help}\n")
        if self.examples:
            formatter.write("\nExamples:\n")
            for line in self.examples.strip("\n").splitlines():
                formatter.write(f"  {line}".rstrip() + "\n")
        self.format_options(ctx, formatter)
        formatter.write(f"\nUsage:\n  {ctx.command_path} {self.usage}\n")
        if self.flags_of_all_hidden:
            root = ctx.find_root().command_path
            formatter.write(f'\nUse "{root} --help" for the flags that every command takes.\n')


class Command(_Manners):
    """One command. Its callback gets the :class:`App`, its flags and ``arguments``."""

    def __init__(
        self,
        name: str,
        *,
        params: Sequence[flags.Flag],
        usage: str = "[flags]",
        examples: str = "",
        **attributes: Any,
    ) -> None:
        self.usage = usage
        self.examples = examples
        rest = click.Argument([ARGUMENTS], nargs=-1)
        every = [*params, *global_flags.of_every_command(hidden=True), rest]
        super().__init__(name, params=every, add_help_option=False, **attributes)


class Root(_Manners, click.Group):
    """The command above the commands; each is imported when it is called."""

    mixed = False
    flags_of_all_hidden = False
    usage = "[command] [flags]"

    def __init__(self, name: str, table: Mapping[str, tuple[str, str]], **attributes: Any) -> None:
        """Give the group of ``table``: a command's name with its module and what it does."""
        super().__init__(
            name,
            params=global_flags.of_every_command(hidden=False),
            add_help_option=False,
            invoke_without_command=True,
            callback=_help_unless_called,
            **attributes,
        )
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's contract
        """Give the names in the table's order."""
        return list(self._table)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  # click's contract
        cmd_name: str,
    ) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self._table:
            return None
        command: click.Command = importlib.import_module(self._table[cmd_name][0]).COMMAND
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that ``args`` begins with."""
        if args[0] not in self._table:
            self._refuse(ctx, args[0])
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with what they do, then the flags."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._table.items()])
        click.Command.format_options(self, ctx, formatter)

    def _refuse(self, ctx: click.Context, word: str) -> NoReturn:
        lines = [f"Error: unknown command {quote(word)} for {quote(ctx.command_path)}"]
        near = spelling.near(word, self._table)
        if near:
            lines += ["", "Did you mean this?", *(f"\t{name}" for name in near), ""]
        raise UsageError(*lines)


@click.pass_context
def _help_unless_called(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        ctx.ensure_object(App).streams.out.write(ctx.get_help() + "\n")

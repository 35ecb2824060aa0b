"""``cubectl plugin list``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from protocube.errors import quote
from protocube_client.cli import plugins
from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Switch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_client.cli.app import App
    from protocube_client.cli.command import Root
    from protocube_client.cli.streams import Streams


def _programs(path: str, streams: Streams) -> Iterator[Path]:
    """Yield the files of plugins in the folders of ``path``; tell of those that are unreadable."""
    from protocube_client.resource.go import os as go_os

    for folder in dict.fromkeys(filter(str.strip, path.split(os.pathsep))):
        try:
            files = sorted(Path(folder).iterdir())
        except OSError as error:
            why = go_os.describe(error, "open", path=folder)
            streams.err.write(
                f"Unable to read directory {quote(folder)} from your PATH: {why}. Skipping...\n"
            )
            continue
        yield from (
            file for file in files if file.name.startswith(plugins.PREFIX) and not file.is_dir()
        )


def _shadowed_command(name: str) -> str:
    """Return the command of cubectl that a plugin is called like, which goes first, or nothing."""
    from protocube_client.cli.main import ROOT

    command: Command | Root = ROOT
    path = ["cubectl"]
    words = name.removeprefix(plugins.PREFIX).split("-")
    for word in words:
        found = command.called(word)
        if not found:
            break
        command = command.below(found)
        path.append(found)
    added = command.takes_plugins and len(path) <= len(words)
    return "" if len(path) == 1 or added else " ".join(path)


@click.pass_obj
def _list(app: App, *, name_only: bool, arguments: tuple[str, ...]) -> None:  # noqa: ARG001  # as kubectl's
    out, err = app.streams.out, app.streams.err
    seen: dict[str, Path] = {}
    warnings = 0
    for file in _programs(app.environ.get("PATH", ""), app.streams):
        if not seen:
            out.write("The following compatible plugins are available:\n\n")
        out.write(f"{file.name if name_only else file}\n")
        for warning in _warnings(file, seen):
            warnings += 1
            out.flush()
            err.write(f"  - warning: {warning}\n")
        seen.setdefault(file.name, file)
    if not seen:
        raise CommandError("unable to find any cubectl plugins in your PATH")
    if warnings:
        one = warnings == 1
        raise CommandError(
            "one plugin warning was found" if one else f"{warnings} plugin warnings were found"
        )


def _warnings(file: Path, seen: dict[str, Path]) -> Iterator[str]:
    if shadowed := _shadowed_command(file.name):
        yield f"{file.name} overwrites existing command: {quote(shadowed)}"
    if not os.access(file, os.X_OK):
        yield f"{file} identified as a cubectl plugin, but it is not executable"
    if file.name in seen:
        yield f"{file} is overshadowed by a similarly named plugin: {seen[file.name]}"


COMMAND = Command(
    "list",
    callback=_list,
    help="Show the plugins on PATH, with what keeps one from being run.",
    examples="""
# Show the plugins
cubectl plugin list

# Show their names without their folders
cubectl plugin list --name-only
""",
    params=[Switch(["--name-only"], help="Show names without folders.")],
)

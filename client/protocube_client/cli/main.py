"""``cubectl``: from the command line to a command, and from an error to an exit code."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

from protocube_client.cli import failures, streams
from protocube_client.cli.app import App
from protocube_client.cli.command import Root

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protocube_client.cli.streams import Streams

_OBJECTS_BEFORE_COLLECTION = 100_000

_COMMANDS = {
    "create": (
        "protocube_client.cli.commands.create.command",
        "Create objects from files or stdin",
    ),
    "get": ("protocube_client.cli.commands.get.command", "Show one or many objects"),
    "delete": (
        "protocube_client.cli.commands.delete.command",
        "Delete objects by file, name or selector",
    ),
    "api-resources": (
        "protocube_client.cli.commands.api_resources",
        "Show the kinds a server serves",
    ),
    "config": ("protocube_client.cli.commands.config.group", "Show and change the config file"),
    "completion": (
        "protocube_client.cli.commands.completion.command",
        "Complete command lines in bash, zsh and fish",
    ),
    "version": ("protocube_client.cli.commands.version", "Show the versions of client and server"),
}

_HIDDEN = {"__complete": ("protocube_client.cli.commands.completion.answer", "")}

ROOT = Root(
    "cubectl",
    _COMMANDS,
    hidden=_HIDDEN,
    help="cubectl talks to a Protocube server: kubectl's commands over gRPC.",
)


def main() -> NoReturn:
    """Run the command line of this process."""
    # What gRPC's C core writes to stderr is not for the people who read it.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    # A start makes many objects and little garbage.
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    code = run(sys.argv[1:], streams.of_process(), os.environ)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            code = code or failures.FAILED
    # Nothing is left to do, and taking the interpreter apart would take longer than many a
    # command. It would also flush into a closed pipe once more.
    os._exit(code)


def run(args: Sequence[str], streams: Streams, environ: Mapping[str, str]) -> int:
    """Run one command line and give its exit code; errors are printed to ``streams.err``."""
    app = App(streams=streams, environ=environ)
    try:
        # Not click's main(): it has its own ideas of interrupts and closed pipes.
        _invoke(args, app)
        streams.out.flush()
    except KeyboardInterrupt:
        return _tell_of_interrupted(app)
    except BrokenPipeError:
        return failures.PIPE_CLOSED
    except Exception as error:
        # A person gets a sentence, never a traceback.
        if environ.get("PROTOCUBE_TRACEBACK"):
            raise
        return _fail(error, app)
    return 0


def _invoke(args: Sequence[str], app: App) -> None:
    try:
        with ROOT.make_context(ROOT.name, list(args), obj=app) as context:
            ROOT.invoke(context)
    except click.exceptions.Exit:
        # Help was shown.
        return


def _tell_of_interrupted(app: App) -> int:
    """Print what had gone wrong before the interrupt."""
    if app.errors:
        from protocube_client.resource.aggregate import Aggregate

        one = len(app.errors) == 1
        _fail(app.errors[0] if one else Aggregate(app.errors), app)
    return failures.INTERRUPTED


def _fail(error: Exception, app: App) -> int:
    streams = app.streams
    try:
        _flush(streams.out)
        streams.err.writelines(f"{line}\n" for line in failures.lines(error))
        if streams.err.isatty():
            streams.err.writelines(f"{line}\n" for line in app.places.lines(error))
        streams.err.flush()
    except BrokenPipeError:
        return failures.PIPE_CLOSED
    return failures.FAILED


def _flush(stream: TextIO) -> None:
    """Write what is left. A full disk is no news here: it may be the error that is told."""
    try:
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError:
        return

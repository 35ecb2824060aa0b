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

# In the order in which kubectl tells of its own.
_COMMANDS = {
    "create": (
        "protocube_client.cli.commands.create.command",
        "Create objects from files or stdin",
    ),
    "expose": ("protocube_client.cli.commands.expose.command", "Create Services before pods"),
    "run": ("protocube_client.cli.commands.run.command", "Create a pod that runs an image"),
    "set": ("protocube_client.cli.commands.set.group", "Change certain fields of objects"),
    "explain": ("protocube_client.cli.commands.explain.command", "Show what fields are for"),
    "get": ("protocube_client.cli.commands.get.command", "Show one or many objects"),
    "edit": ("protocube_client.cli.commands.edit.command", "Edit objects in an editor"),
    "delete": (
        "protocube_client.cli.commands.delete.command",
        "Delete objects by file, name or selector",
    ),
    "rollout": (
        "protocube_client.cli.commands.rollout.group",
        "Follow and direct rollouts of workloads",
    ),
    "scale": ("protocube_client.cli.commands.scale.command", "Set numbers of replicas"),
    "autoscale": ("protocube_client.cli.commands.autoscale", "Create autoscalers"),
    "certificate": (
        "protocube_client.cli.commands.certificate.group",
        "Decide on certificates that are asked for",
    ),
    "cluster-info": (
        "protocube_client.cli.commands.cluster_info.command",
        "Show where the server is",
    ),
    "cordon": ("protocube_client.cli.commands.cordon", "Let no more pods be put on nodes"),
    "uncordon": ("protocube_client.cli.commands.uncordon", "Let pods be put on nodes again"),
    "drain": ("protocube_client.cli.commands.drain.command", "Empty nodes of their pods"),
    "taint": ("protocube_client.cli.commands.taint.command", "Set taints of nodes"),
    "describe": (
        "protocube_client.cli.commands.describe.command",
        "Show objects with what belongs to them",
    ),
    "events": ("protocube_client.cli.commands.events.command", "Show what happened lately"),
    "tree": ("protocube_client.cli.commands.tree.command", "Show owners and dependents"),
    "stubs": ("protocube_client.cli.commands.stubs.command", "Write what clients are built from"),
    "auth": ("protocube_client.cli.commands.auth.group", "Work on roles and on who has them"),
    "diff": (
        "protocube_client.cli.commands.diff.command",
        "Show what an apply would change",
    ),
    "apply": (
        "protocube_client.cli.commands.apply.command",
        "Bring objects to what files say",
    ),
    "patch": ("protocube_client.cli.commands.patch.command", "Change fields of objects"),
    "replace": (
        "protocube_client.cli.commands.replace.command",
        "Replace objects by those in files",
    ),
    "wait": ("protocube_client.cli.commands.wait.command", "Wait until objects are as they should"),
    "kustomize": ("protocube_client.cli.commands.kustomize", "Build a kustomization"),
    "label": ("protocube_client.cli.commands.label.command", "Set labels of objects"),
    "annotate": ("protocube_client.cli.commands.annotate.command", "Set annotations of objects"),
    "completion": (
        "protocube_client.cli.commands.completion.command",
        "Complete command lines in bash, zsh and fish",
    ),
    "history": (
        "protocube_client.cli.commands.history.command",
        "Show the versions of objects that the server still has",
    ),
    "api-resources": (
        "protocube_client.cli.commands.api_resources",
        "Show the kinds a server serves",
    ),
    "api-versions": (
        "protocube_client.cli.commands.api_versions",
        "Show the versions of groups a server serves",
    ),
    "config": ("protocube_client.cli.commands.config.group", "Show and change the config file"),
    "plugin": ("protocube_client.cli.commands.plugin.group", "Show the plugins on PATH"),
    "help": ("protocube_client.cli.commands.help", "Show what a command does"),
    "options": ("protocube_client.cli.commands.options", "Show the flags of every command"),
    "version": ("protocube_client.cli.commands.version", "Show the versions of client and server"),
}

_HIDDEN = {
    "__complete": ("protocube_client.cli.commands.completion.answer", ""),
    "alpha": ("protocube_client.cli.commands.alpha", ""),
}

_NO_PODS = "no pods run here, the server only keeps them"
_REFUSED = {
    "attach": _NO_PODS,
    "cp": _NO_PODS,
    "debug": _NO_PODS,
    "exec": _NO_PODS,
    "logs": _NO_PODS,
    "port-forward": _NO_PODS,
    "proxy": "it would speak HTTP, and this server speaks gRPC: call its address itself",
    "top": "no pods run here, so nothing is measured",
}
"""kubectl's commands that cannot mean anything here, with the reason of each."""

ROOT = Root(
    "cubectl",
    _COMMANDS,
    hidden=_HIDDEN,
    refused=_REFUSED,
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
    except failures.Ended as ended:
        _flush(streams.out)
        return ended.code
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
    count = len(app.streams.warnings)
    if count and app.given.get("warnings_as_errors") == "true":
        what = "warning" if count == 1 else "warnings"
        raise failures.CommandError(f"{count} {what} received")


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
    return app.ending.failed


def _flush(stream: TextIO) -> None:
    """Write what is left. A full disk is no news here: it may be the error that is told."""
    try:
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError:
        return

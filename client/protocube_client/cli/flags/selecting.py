"""The flags that choose objects of a kind."""

from __future__ import annotations

import click

from protocube_client.cli.flags.pflag import Flag, Switch

_PAGE = 500


def labels(example: str = "") -> Flag:
    """Return ``--selector``."""
    return Flag(["-l", "--selector"], default="", metavar="LABELS", help=_only("labels", example))


def fields(example: str = "") -> Flag:
    """Return ``--field-selector``."""
    return Flag(["--field-selector"], default="", metavar="FIELDS", help=_only("fields", example))


def every(verb: str) -> Flag:
    """Return ``--all``, of a command that does ``verb`` to objects."""
    return Switch(["--all"], help=f"{verb.capitalize()} all objects of the kind in the namespace.")


def all_namespaces() -> Flag:
    """Return ``--all-namespaces``."""
    return Switch(["-A", "--all-namespaces"], help="Choose among the objects of all namespaces.")


def chunk_size(what: str = "objects") -> Flag:
    """Return ``--chunk-size`` of a command that lists ``what``."""
    return Flag(
        ["--chunk-size"],
        type=click.INT,
        default=_PAGE,
        metavar="NUMBER",
        help=f"How many {what} to ask for at a time; 0 for as many as fit a message.",
    )


def at_revision() -> Flag:
    """Return ``--at-revision``."""
    return Flag(
        ["--at-revision"],
        default="",
        metavar="VERSION",
        help="Read as it was at this version of the store, such as an object's resourceVersion; "
        "--compact-interval of the server sets how far back that can be.",
    )


def _only(what: str, example: str) -> str:
    return (
        f"Only objects with these {what}, such as {example}."
        if example
        else "Only objects with these."
    )

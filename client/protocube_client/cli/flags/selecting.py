"""The flags that choose objects of a kind."""

from __future__ import annotations

from protocube_client.cli.flags.pflag import Flag, Switch


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


def _only(what: str, example: str) -> str:
    return (
        f"Only objects with these {what}, such as {example}."
        if example
        else "Only objects with these."
    )

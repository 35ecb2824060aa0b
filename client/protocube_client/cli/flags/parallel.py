"""``--parallel``: how many objects are sent at a time."""

from __future__ import annotations

import click

from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import FALSE, Flag, Unsupported

_DEFAULT = 32
"""More gains nothing: client and server are both busy. ``scripts/bench-cli`` measures it."""


def flag() -> Flag:
    """Return the flag."""
    return Flag(
        ["--parallel"],
        type=click.INT,
        default=_DEFAULT,
        metavar="N",
        help="How many objects to send at a time; 1 for one by one. The result is the same.",
    )


def atomic() -> Unsupported:
    """Return ``--atomic`` of a command that does not have it."""
    reason = "only create makes several objects all or nothing"
    return Unsupported("--atomic", reason, harmless=FALSE)


def check(parallel: int) -> None:
    """Raise :class:`CommandError` for a number that cannot be."""
    if parallel < 1:
        raise CommandError(f"--parallel must be at least 1, not {parallel}")

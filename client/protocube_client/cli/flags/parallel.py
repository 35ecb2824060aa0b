"""``--parallel`` and ``--atomic``: how many objects are written at a time, or all at once."""

from __future__ import annotations

import click

from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag, Switch

_DEFAULT = 32
"""More gains nothing: client and server are both busy. ``scripts/bench-cli`` measures it."""
_STREAMED = 192
"""So many objects more are under way, so that a stream of writes never has to wait for them."""


def flag() -> Flag:
    """Return the flag."""
    return Flag(
        ["--parallel"],
        type=click.INT,
        default=_DEFAULT,
        metavar="N",
        help="How many calls to make at a time beside the stream that most writes take; 1 for one "
        "object after the other. The result is the same.",
    )


def atomic(verb: str) -> Switch:
    """Return ``--atomic`` of a command that does ``verb``."""
    return Switch(
        ["--atomic"], help=f"{verb.capitalize()} all objects at one moment, or none; 100 at most."
    )


def under_way(parallel: int) -> int:
    """Return how many objects are under way at a time, for the value of the flag."""
    return parallel if parallel == 1 else parallel + _STREAMED


def check(parallel: int) -> None:
    """Raise :class:`CommandError` for a number that cannot be."""
    if parallel < 1:
        raise CommandError(f"--parallel must be at least 1, not {parallel}")

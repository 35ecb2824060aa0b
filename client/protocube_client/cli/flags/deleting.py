"""The flags that say how objects are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from collections.abc import Container

CASCADES = ("background", "foreground", "orphan")


def cascade(condition: str = "") -> Flag:
    """Return ``--cascade``, which counts on a ``condition`` such as ``With --force``."""
    text = "what becomes of dependents: background, foreground or orphan."
    return Flag(
        ["--cascade"],
        bare="background",
        default="background",
        metavar="HOW",
        help=_sentence(condition, text),
        values=CASCADES,
    )


def grace_period(condition: str = "") -> Flag:
    """Return ``--grace-period``, which counts on a ``condition`` such as ``With --force``."""
    text = "the time each object is given; its own when negative."
    return Flag(
        ["--grace-period"],
        type=click.INT,
        default=-1,
        metavar="SECONDS",
        help=_sentence(condition, text),
    )


def check_cascade(given: str, known: Container[str]) -> None:
    """Raise :class:`CommandError` for a value of ``--cascade`` that is not ``known``."""
    if given not in known:
        raise CommandError(
            f'invalid cascade value ({given}). Must be "background", "foreground", or "orphan"'
        )


def _sentence(condition: str, text: str) -> str:
    return f"{condition}, {text}" if condition else f"{text[0].upper()}{text[1:]}"

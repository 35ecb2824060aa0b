"""The one name that a generator takes."""

from __future__ import annotations

from typing import Any

import click

from protocube_client.cli.command import BEFORE_DASHES
from protocube_client.cli.failures import UsageError


def take(flags: dict[str, Any]) -> str:
    """Take the name out of what click gave a callback. Raises :class:`UsageError`."""
    context = click.get_current_context()
    arguments: tuple[str, ...] = flags.pop("arguments")
    count = min(context.meta[BEFORE_DASHES], len(arguments))
    if count != 1:
        raise UsageError(
            f"error: exactly one NAME is required, got {count}",
            f"See '{context.command_path} -h' for help and examples",
        )
    return arguments[0]

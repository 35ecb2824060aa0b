"""Which nodes a command means: by name, or by labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.failures import UsageError, misuse
from protocube_client.cli.files import Files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session


def require(names: Sequence[str], selector: str) -> None:
    """Raise :class:`UsageError` unless nodes are named, or else chosen by labels."""
    if not names and not selector:
        context = click.get_current_context()
        raise _wrong(f"USAGE: {context.info_name} NODE [flags]")
    if names and selector:
        raise _wrong("cannot specify both a node name and a --selector option")


def _wrong(fault: str) -> UsageError:
    path = click.get_current_context().command_path
    return misuse(fault, path)


async def read(names: Sequence[str], selector: str, session: Session) -> list[Chosen]:
    """Return the nodes. Raises the first one that cannot be read."""
    from protocube_client.cli import objects

    arguments = tuple(name if "/" in name else f"nodes/{name}" for name in names)
    choice = objects.Choice(
        arguments=arguments or ("nodes",), files=Files(), every=True, selector=selector
    )
    reading = await objects.read(choice, session)
    if reading.unread is not None:
        raise reading.unread.errors[0]
    return reading.chosen

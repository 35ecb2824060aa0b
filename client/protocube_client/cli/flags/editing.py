"""The flags of commands that open an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube.errors import quote
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag, Switch

if TYPE_CHECKING:
    from protocube_client.cli.flags.output import Format

_FORMS = ("", "json", "yaml")


def windows_line_endings() -> Flag:
    """Return ``--windows-line-endings``."""
    return Switch(["--windows-line-endings"], help="Let lines end in CR and LF.")


def check(form: Format) -> None:
    """Raise :class:`CommandError` for a form of output in which nothing can be edited."""
    if form.name not in _FORMS:
        raise CommandError(
            "unable to match a printer suitable for the output format "
            f"{quote(form.name)}, allowed formats are: json,yaml"
        )


def extension(form: Format) -> str:
    """Return how the name of a file ends in which something is edited."""
    return ".json" if form.name == "json" else ".yaml"

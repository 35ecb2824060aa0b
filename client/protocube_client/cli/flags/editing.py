"""The flags of commands that open an editor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube.errors import quote
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import output
from protocube_client.cli.flags.pflag import Flag, Switch

if TYPE_CHECKING:
    from protocube_client.cli.flags.output import Format
    from protocube_client.resource.validation import Validation

_FORMS = ("", "json", "yaml")


def windows_line_endings() -> Flag:
    """Return ``--windows-line-endings``."""
    return Switch(["--windows-line-endings"], help="Let lines end in CR and LF.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """How objects are edited, and how what was saved is sent and told of."""

    windows_line_endings: bool
    validation: Validation
    field_manager: str
    format: Format

    @property
    def extension(self) -> str:
        """How the name of the file ends in which objects are edited."""
        return ".json" if self.format.name == "json" else ".yaml"


def check(form: Format) -> None:
    """Raise :class:`CommandError` for a form of output in which nothing can be edited."""
    if form.name not in _FORMS:
        raise CommandError(
            "unable to match a printer suitable for the output format "
            f"{quote(form.name)}, allowed formats are: json,yaml"
        )


def take(given: dict[str, Any]) -> Editing:
    """Take the flags out of what click gave a callback.

    Raises :class:`CommandError` for a form of output in which nothing can be edited.
    """
    from protocube_client.resource.validation import Validation

    form = output.take(given).format(tables=False)
    check(form)
    return Editing(
        windows_line_endings=given.pop("windows_line_endings"),
        validation=Validation.parse(given.pop("validate")),
        field_manager=given.pop("field_manager"),
        format=form,
    )

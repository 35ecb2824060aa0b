"""What becomes of configurations that were edited: each is written into its annotation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.errors import quote
from protocube_client.cli import results
from protocube_client.cli.commands.apply import annotating
from protocube_client.cli.editing import chosen, texts
from protocube_client.cli.editing.loop import Outcome
from protocube_client.cli.failures import CommandError
from protocube_client.printers.printable import Printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.flags.editing import Editing
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

_HEADER = """\
# Please edit the 'last-applied-configuration' annotations below.
# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.
#
"""
_NONE = (
    "no last-applied-configuration annotation found on resources, to create the annotation, "
    "use command `cubectl apply set-last-applied --create-annotation`"
)


class Submitting:
    """Writes configurations as they were edited, for :mod:`protocube_client.cli.editing.loop`."""

    header = _HEADER

    def __init__(self, flags: Editing, session: Session, objects: Sequence[Chosen]) -> None:
        """Raise :class:`CommandError` when none of the objects has a configuration."""
        self._flags = flags
        self._session = session
        pairs = [(item, _configuration(item)) for item in objects]
        self._originals = [(item, found) for item, found in pairs if found is not None]
        if not self._originals:
            raise CommandError(_NONE)
        first = self._originals[0][0]
        self.name = f"{first.resource.qualified} {quote(first.name)}"

    def text(self) -> str:
        """Return the configurations as they are edited."""
        return texts.of_objects([found for _, found in self._originals], self._flags.format)

    async def submit(self, edited: Sequence[dict[str, Any]]) -> Outcome:
        """Write each configuration that was changed, and tell of it.

        Raises :class:`CommandError` for one of none of the objects, and the exceptions of
        :mod:`protocube.errors`.
        """
        pairs = [(*self._original(data), data) for data in edited]
        for item, old, data in pairs:
            if data == old:
                self._show(item, data, "skipped")
                continue
            await annotating.write(
                self._session,
                item.resource,
                item.name,
                data,
                {
                    "namespace": item.namespace,
                    "field_manager": self._flags.field_manager,
                    "validation": self._flags.validation.value,
                },
            )
            self._show(item, data, "edited")
        return Outcome()

    def _original(self, data: dict[str, Any]) -> tuple[Chosen, Any]:
        """Return the object whose configuration was edited, and what it was before."""
        for item, old in self._originals:
            if _identity(data) == _identity(old):
                return item, old
        raise chosen.unknown(data)

    def _show(self, item: Chosen, data: dict[str, Any], done: str) -> None:
        shown = Printable(resource=item.resource, message=item.message, given=data)
        results.printer(self._flags.format, done).print([shown], self._session.streams.out)


def _configuration(item: Chosen) -> dict[str, Any] | None:
    """Return what was applied last. Raises :class:`CommandError` when that is no object."""
    try:
        return annotating.configuration(item.message)
    except errors.ApiError as error:
        named = f"{item.resource.qualified} {quote(item.name)}"
        told = f"last-applied-configuration annotation of {named}: {error.message}"
        raise CommandError(told) from None


def _identity(data: dict[str, Any]) -> tuple[Any, ...]:
    return (*chosen.identity(data), chosen.metadata(data).get("namespace"))

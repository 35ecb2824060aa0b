"""What becomes of objects that were edited: each is patched with what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from protocube import errors
from protocube.errors import quote
from protocube.manifests import encode, json_text
from protocube.patching import differences
from protocube_client.cli import last_applied, results
from protocube_client.cli.editing import chosen, texts
from protocube_client.cli.editing.loop import Outcome
from protocube_client.cli.editing.texts import Reason
from protocube_client.cli.failures import CommandError
from protocube_client.cli.objects import require_subresource
from protocube_client.printers.printable import Printable
from protocube_client.resource.mapper import Mapper
from protocube_client.resource.text.document import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.commands.edit.command import EditOptions
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

_FIXED = "At least one of apiVersion, kind and name was changed"


class Submitting:
    """Sends objects as they were edited, for :mod:`protocube_client.cli.editing.loop`."""

    header = chosen.HEADER

    def __init__(self, options: EditOptions, session: Session, objects: Sequence[Chosen]) -> None:
        """Raise :class:`CommandError` when there are no objects."""
        if not objects:
            raise CommandError("edit cancelled, no objects found")
        self._options = options
        self._flags = options.editing
        self._session = session
        self._originals = [(item, encode.shown(item.message)) for item in objects]
        self.name = _name(objects[0])

    def text(self) -> str:
        """Return the objects as they are edited: several are one List."""
        return texts.of_objects([found for _, found in self._originals], self._flags.format)

    async def submit(self, edited: Sequence[dict[str, Any]]) -> Outcome:
        """Patch each object with what was changed, and tell of it.

        Raises :class:`CommandError` when one is none of those that were to be edited, or is
        said to be another one.
        """
        pairs = [(*self._original(data), data) for data in edited]
        for item, old, data in pairs:
            self._require_same(item, old, data)
        invalid: list[Reason] = []
        missing = refused = False
        for item, old, data in pairs:
            new = self._annotated(data) if self._options.save_config else data
            if new == old:
                self._show(item.printable(), "skipped")
                continue
            try:
                message = await self._sent(item, old, new)
            except errors.Invalid as error:
                faults = tuple(f"{each.field}: {each.message}" for each in error.violations)
                invalid.append(Reason(head=f"{_name(item)} was not valid", faults=faults))
                self._tell(f"{_name(item)} is invalid")
            except errors.NotFound:
                missing = True
                self._tell(f"{_name(item)} could not be found on the server")
            except errors.ApiError as error:
                refused = True
                self._tell(f"{_name(item)} could not be patched: {error}")
            else:
                self._show(Printable(resource=item.resource, message=message), "edited")
        return Outcome(invalid=tuple(invalid), missing=missing, refused=refused)

    def _original(self, data: dict[str, Any]) -> tuple[Chosen, dict[str, Any]]:
        """Return the object that was edited: the one of its uid, or else of its name."""
        for item, old in self._originals:
            uid = old["metadata"].get("uid")
            if uid and chosen.metadata(data).get("uid") == uid:
                return item, old
        for item, old in self._originals:
            if chosen.identity(data) == chosen.identity(old):
                return item, old
        raise chosen.unknown(data)

    def _require_same(self, item: Chosen, old: dict[str, Any], data: dict[str, Any]) -> None:
        """Raise :class:`CommandError` when what was saved is another object."""
        if item.resource.namespaced:
            chosen.require_namespace(data, item.namespace)
        if chosen.identity(data) != chosen.identity(old):
            raise CommandError(_FIXED)

    def _annotated(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return an object with itself in its annotation."""
        document = Document(raw=b"", value=data, line=0)
        info = Mapper(self._session.catalog, None).info_for_data(document, "")
        last_applied.keep(info)
        return info.manifest

    async def _sent(self, item: Chosen, old: dict[str, Any], new: dict[str, Any]) -> Any:
        options = self._options
        require_subresource(item.resource, options.subresource)
        patch = differences.between(old, new, type(item.message))
        if options.output_patch:
            self._session.streams.out.write(f"Patch: {json_text.compact(patch)}\n")
        # The overloads tell the parts of an object apart by their literal names.
        send = cast("Any", self._session.client.patch)
        return await send(
            item.resource.message_class,
            item.name,
            patch,
            subresource=options.subresource,
            namespace=item.namespace,
            field_manager=self._flags.field_manager,
            validation=self._flags.validation.value,
        )

    def _show(self, shown: Printable, done: str) -> None:
        results.printer(self._flags.format, done).print([shown], self._session.streams.out)

    def _tell(self, text: str) -> None:
        self._session.streams.err.write(f"error: {text}\n")


def _name(item: Chosen) -> str:
    return f"{item.resource.qualified} {quote(item.name)}"

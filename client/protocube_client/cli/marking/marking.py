"""One run of ``cubectl label`` or ``cubectl annotate``: each object is changed, and told of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from protocube_client.cli import objects, results
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.printers.printable import Printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_client.cli.marking.options import MarkOptions
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session
    from protocube_client.printers.printable import Printer


class Marks(Protocol):
    """What the two commands do in different ways."""

    field: str
    """The field of the metadata: ``labels``."""
    missing: str
    """Told of a key to be taken away that is not there, ``{}`` for it; nothing when empty."""

    def refuse_overwriting(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        """Raise :class:`CommandError` when a key of ``old`` has another value in ``new``."""
        ...

    def done(self, old: dict[str, Any], new: dict[str, Any], *, overwrite: bool) -> str:
        """Return what was done to an object, whose metadata was ``old`` and is ``new``."""
        ...


async def run(marks: Marks, options: MarkOptions, session: Session) -> None:
    """Change the objects; raises all errors together after the last one."""
    found = await objects.find(options.choice, session)
    if options.resource_version and not found.single:
        raise CommandError("--resource-version may only be used with a single resource")
    await found.visit(_Marking(marks, options, session, single=found.single).visit)


class _Marking:
    """The function that is called with each object."""

    def __init__(
        self, marks: Marks, options: MarkOptions, session: Session, *, single: bool
    ) -> None:
        self._marks = marks
        self._options = options
        self._session = session
        self._single = single
        self._printers: dict[str, Printer] = {}

    async def visit(self, chosen: Chosen) -> None:
        """Change one object and say so. Raises ``ApiError`` and :class:`CommandError`."""
        data = chosen.data()
        old: dict[str, Any] = {**(data.get("metadata") or {})}
        if self._options.resource_version:
            # It is sent whether or not it is the one that was read.
            old.pop("resourceVersion", None)
        values: dict[str, str] = old.get(self._marks.field) or {}
        if not self._options.computed_here:
            self._tell_missing(values)
        if not self._options.overwrite:
            self._marks.refuse_overwriting(values, self._options.changes.values)
        new = {**old, self._marks.field: self._options.changes.applied(values)}
        if self._options.resource_version:
            new["resourceVersion"] = self._options.resource_version
        done = self._marks.done(old, new, overwrite=self._options.overwrite)
        if self._options.list:
            self._list(chosen, new[self._marks.field])
        elif self._options.computed_here:
            shown = replace(chosen.printable(), given={**data, "metadata": new})
            self._show(shown, done)
        else:
            message = await self._sent(chosen, _difference(old, new))
            shown = Printable(resource=chosen.resource, message=message)
            self._show(shown, done)

    async def _sent(self, chosen: Chosen, metadata: dict[str, Any]) -> Any:
        return await self._session.client.patch(
            chosen.resource.message_class,
            chosen.name,
            {"metadata": metadata} if metadata else {},
            type="merge",
            namespace=chosen.namespace,
            dry_run=self._options.dry_run is DryRun.SERVER,
            field_manager=self._options.field_manager,
            validation="warn",
        )

    def _tell_missing(self, values: Mapping[str, str]) -> None:
        if not self._marks.missing:
            return
        for key in self._options.changes.removed:
            if key not in values:
                self._session.streams.out.write(self._marks.missing.format(key) + "\n")

    def _list(self, chosen: Chosen, values: Mapping[str, str]) -> None:
        out = self._session.streams.out
        indent = ""
        if not self._single:
            indent = " "
            kind = f"{chosen.resource.kind}.{chosen.resource.group}"
            out.write(f"Listing {self._marks.field} for {kind}/{chosen.name}:\n")
        out.writelines(f"{indent}{key}={value}\n" for key, value in sorted(values.items()))

    def _show(self, shown: Printable, done: str) -> None:
        done += self._options.dry_run.suffix
        if done not in self._printers:
            self._printers[done] = results.printer(self._options.format, done)
        self._printers[done].print([shown], self._session.streams.out)


def _difference(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return the merge patch that makes ``new`` of ``old``; ``new`` lacks none of its fields."""
    patch: dict[str, Any] = {}
    for field, value in new.items():
        if value == old.get(field):
            continue
        if not isinstance(value, dict):
            patch[field] = value
            continue
        before = old.get(field) or {}
        changed = {key: text for key, text in value.items() if before.get(key) != text}
        patch[field] = changed | dict.fromkeys(before.keys() - value.keys())
    return patch

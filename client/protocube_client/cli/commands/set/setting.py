"""One run of a command of ``cubectl set``: the objects are read, and then changed one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from protocube import errors
from protocube.manifests import encode
from protocube.patching import differences
from protocube_client.cli import objects, results
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.printers import typed_order
from protocube_client.printers.printable import Printable, kind_and_group
from protocube_client.resource import aggregate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.commands.set.options import SetOptions
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session


class Change(Protocol):
    """What one command does to objects."""

    done: str
    """What is told of a changed object: ``image updated``."""
    complaint: str
    """What stands before a refusal of the server. Where it is empty nothing does, and what is
    wrong with an object is told without its name."""
    tells_of_unchanged: bool
    """Whether an object is told of that has been so before."""

    async def make(self, chosen: Chosen, data: dict[str, Any], session: Session) -> list[str]:
        """Change ``data``, the object as JSON, in place, and return what could not be done.

        Raises :class:`CommandError` when the object cannot be changed at all.
        """
        ...


async def read(
    options: SetOptions, session: Session, faults: Sequence[CommandError]
) -> list[Chosen]:
    """Return the objects that are meant. Raises what cannot be read, and then ``faults``."""
    chosen = (await objects.read(options.choice, session)).all()
    aggregate.raise_all(faults)
    return chosen


async def change_all(
    chosen: Sequence[Chosen], change: Change, options: SetOptions, session: Session
) -> None:
    """Change the objects and tell of them; raises all errors together after the last one."""
    setting = _Setting(change, options, session)
    made = [await setting.made(item) for item in chosen]
    for item, new in zip(chosen, made, strict=True):
        if new is not None:
            await setting.carry_out(item, new)
    aggregate.raise_all(session.errors)


class _Setting:
    def __init__(self, change: Change, options: SetOptions, session: Session) -> None:
        self._change = change
        self._options = options
        self._session = session
        self._printer = results.printer(options.format, change.done + options.dry_run.suffix)

    async def made(self, item: Chosen) -> dict[str, Any] | None:
        """Return an object after the change, ``None`` when it cannot be changed."""
        data = encode.shown(item.message)
        try:
            complaints = await self._change.make(item, data, self._session)
        except CommandError as error:
            name = f"{self._name(item)} " if self._change.complaint else ""
            complaints = [f"{name}{error}"]
            data = {}
        self._session.errors.extend(CommandError(f"error: {text}") for text in complaints)
        return data or None

    async def carry_out(self, item: Chosen, new: dict[str, Any]) -> None:
        """Send the change unless it stays here, and tell of the object."""
        options, resource = self._options, item.resource
        patch = differences.between(encode.shown(item.message), new, resource.message_class)
        if options.resource_version:
            metadata = patch.get("metadata") or {}
            patch["metadata"] = {**metadata, "resourceVersion": options.resource_version}
        if not patch and not self._change.tells_of_unchanged:
            return
        if options.computed_here:
            self._show(replace(item.printable(), given=new))
            return
        try:
            message = await self._session.client.patch(
                resource.message_class,
                item.name,
                patch,
                namespace=item.namespace,
                dry_run=options.dry_run is DryRun.SERVER,
                field_manager=options.field_manager,
            )
        except errors.ApiError as error:
            told = error if not self._change.complaint else self._complaint(error)
            self._session.errors.append(aggregate.kept(told))
            return
        shown = Printable(resource=resource, message=message, given=encode.shown(message))
        self._show(shown)

    def _name(self, item: Chosen) -> str:
        if self._options.local:
            # kubectl knows no plurals without a server.
            return f"{kind_and_group(item.resource)}/{item.name}"
        return f"{item.resource.plural}/{item.name}"

    def _complaint(self, error: errors.ApiError) -> CommandError:
        return CommandError(f"{self._change.complaint} {error}")

    def _show(self, shown: Printable) -> None:
        ordered = typed_order.of(shown.manifest(), shown.resource.descriptor)
        shown = replace(shown, given=ordered, typed=True)
        self._printer.print([shown], self._session.streams.out)

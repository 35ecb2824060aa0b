"""One run of ``cubectl scale``: the objects are read, and then scaled one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_client.cli import objects, results
from protocube_client.cli.commands.scale import waiting
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.connection.unreachable import CannotConnect

if TYPE_CHECKING:
    from protocube_client.cli.commands.scale.options import ScaleOptions
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session
    from protocube_client.resource.aggregate import Aggregate


class Scaling:
    """Scales what was chosen."""

    def __init__(self, options: ScaleOptions, session: Session) -> None:
        self._options = options
        self._session = session

    async def run(self) -> None:
        """Scale every object that could be read; raise what could not be read after that.

        The first object that cannot be scaled ends the run. Raises the exceptions of
        :mod:`protocube.errors` and :class:`CommandError`.
        """
        options = self._options
        choice = objects.Choice(
            arguments=options.arguments,
            files=options.files,
            every=options.every,
            selector=options.selector,
        )
        reading = await objects.read(choice, self._session)
        chosen = reading.chosen
        if options.resource_version and len(chosen) > 1:
            raise CommandError("cannot use --resource-version with multiple resources")
        if not chosen and reading.unread is not None and _is_unreachable(reading.unread):
            raise reading.unread
        if not chosen:
            raise CommandError(f"no objects passed to scale {reading.unread or ''}".rstrip())
        printer = results.printer(options.format, f"scaled{options.dry_run.suffix}")
        for item in chosen:
            if options.dry_run is not DryRun.CLIENT:
                await self._scale(item)
            printer.print([item.printable()], self._session.streams.out)
        reading.all()

    async def _scale(self, item: Chosen) -> None:
        options = self._options
        objects.require_subresource(item.resource, "scale")
        kind, dry_run = item.resource.message_class, options.dry_run is DryRun.SERVER
        if options.has_conditions:
            await self._scale_on_conditions(item)
        else:
            await self._session.client.scale(
                kind, item.name, options.replicas, namespace=item.namespace, dry_run=dry_run
            )
        if options.timeout and options.dry_run is DryRun.NONE:
            await waiting.until_scaled(
                self._session.client, item, options.replicas, seconds=options.timeout
            )

    async def _scale_on_conditions(self, item: Chosen) -> None:
        """Scale an object as it was read, and read it anew as long as others are faster."""
        options, client = self._options, self._session.client
        kind = item.resource.message_class
        while True:
            scale = await client.get_scale(kind, item.name, namespace=item.namespace)
            self._require(scale)
            scale.spec.replicas = options.replicas
            try:
                await client.scale(kind, item.name, scale, dry_run=options.dry_run is DryRun.SERVER)
            except errors.Conflict:
                # Another version: the conditions are looked at again.
                continue
            return

    def _require(self, scale: Any) -> None:
        """Raise :class:`CommandError` when a condition does not hold."""
        options = self._options
        wanted, found = options.current_replicas, scale.spec.replicas
        if wanted not in (-1, found):
            raise CommandError(f"Expected replicas to be {wanted}, was {found}")
        version = scale.metadata.resource_version
        if options.resource_version not in ("", version):
            raise CommandError(
                f"Expected resource version to be {options.resource_version}, was {version}"
            )


def _is_unreachable(error: Aggregate) -> bool:
    """Tell whether nothing could be read because there is no way to the server."""
    return all(isinstance(each, CannotConnect) for each in error.errors)

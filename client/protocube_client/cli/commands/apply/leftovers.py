"""``cubectl apply --prune``: what was applied once, and is in the files no more, is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_client.cli import results
from protocube_client.cli.applying import pruning
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.printers.printable import Printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube.catalog import Resource
    from protocube_client.cli.applying.pruning import Visited
    from protocube_client.cli.commands.apply.options import ApplyOptions
    from protocube_client.cli.session import Session


async def prune(
    resources: Sequence[Resource], visited: Visited, options: ApplyOptions, session: Session
) -> None:
    """Delete the objects and tell of each. Raises :class:`CommandError` at the first error."""
    deletion = Deletion(options, session)
    for resource, namespace in pruning.places(resources, visited):
        try:
            found = await pruning.left_over(resource, namespace, visited, options.selector, session)
            for message in found:
                await deletion.delete(resource, message)
        except errors.ApiError as error:
            scope = "namespaced" if resource.namespaced else "nonNamespaced"
            told = f"error pruning {scope} object {resource.group_version_kind}: {error.message}"
            raise CommandError(told) from None
    await deletion.wait()


class Deletion:
    """Deletes objects one by one, and tells of each."""

    def __init__(self, options: ApplyOptions, session: Session) -> None:
        self._options = options
        self._session = session
        self._printer = results.printer(options.format, f"pruned{options.dry_run.suffix}")
        self._leaving: list[tuple[Resource, Any]] = []

    async def delete(self, resource: Resource, message: Any) -> None:
        """Delete an object unless nothing is to be sent.

        Raises the exceptions of :mod:`protocube.errors`.
        """
        options, session = self._options, self._session
        if options.dry_run is not DryRun.CLIENT:
            deleted = await session.client.delete(
                resource.message_class,
                message.metadata.name,
                namespace=message.metadata.namespace,
                propagation=options.propagation,
                grace_period_seconds=options.grace_seconds,
                dry_run=options.dry_run is DryRun.SERVER,
            )
            self._leaving.append((resource, deleted))
        self._printer.print([Printable(resource=resource, message=message)], session.streams.out)

    async def wait(self) -> None:
        """Wait until all are gone, if that was asked for."""
        options = self._options
        if not options.wait or options.dry_run is not DryRun.NONE:
            return
        for resource, message in self._leaving:
            if message.metadata.HasField("deletion_timestamp"):
                from protocube_client.cli import waiting

                await waiting.until_gone(self._session.client, resource, message, options.timeout)

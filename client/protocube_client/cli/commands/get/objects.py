"""What ``cubectl get`` is to show, and how it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube_client.cli import absence, files, listed, past, targets
from protocube_client.printers.printable import Printable
from protocube_client.resource.validation import Validation

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.cli.commands.get.options import GetOptions
    from protocube_client.cli.session import Session
    from protocube_client.cli.targets import Named, Targets
    from protocube_client.resource.info import Info


class Retrieval:
    """One reading: what was found, and what went wrong."""

    def __init__(self, options: GetOptions, session: Session) -> None:
        self.shown: list[Printable] = []
        self.failed: list[Exception] = []
        self.single = False
        """One object was asked for and no List."""
        self.all_namespaced = True
        """Every kind that was looked through lives in namespaces."""
        self._options = options
        self._session = session

    async def targets(self) -> Targets:
        """Return what the arguments or files mean. Raises ``CommandError``.

        What could not be read of the files is in :attr:`failed`.
        """
        options = self._options
        if options.files:
            return await self._from_files()
        query = targets.Query(
            selects=options.selects, kinds_alone=True, all_namespaces=options.all_namespaces
        )
        found = await targets.find(options.arguments, self._session.kinds, query)
        self.single = len(found.named) == 1
        return found

    async def read(self, found: Targets) -> None:
        """Read the objects; those that cannot be read are in :attr:`failed`."""
        for named in found.named:
            await self._one(named)
        for resource in found.kinds:
            self.all_namespaced = self.all_namespaced and resource.namespaced
            await self._all(resource)

    async def _from_files(self) -> Targets:
        options = self._options
        named: list[targets.Named] = []

        async def visit(info: Info | None, error: Exception | None) -> None:
            found = files.object_of(info, error)
            named.append(
                targets.Named(resource=found.mapping, name=found.name, namespace=found.namespace)
            )

        result = files.result(
            options.files, self._session, validation=Validation.IGNORE, selector=options.selector
        )
        if result.error is not None:
            raise result.error
        targets.refuse_beside_files(options.arguments)
        try:
            await result.visit(visit)
        except Exception as error:  # noqa: BLE001  # shown behind what was found
            self.failed.append(error)
        self.single = options.files.single
        return targets.Targets(named=tuple(named))

    async def _one(self, named: Named) -> None:
        resource = named.resource
        if self._options.subresource and not _has(resource, self._options.subresource):
            self.failed.append(errors.NotFound("the server could not find the requested resource"))
            return
        namespace = named.namespace or self._options.namespace(resource, self._session)
        try:
            async with absence.explained(self._session, namespace):
                message = await self._session.client.get(
                    resource.message_class,
                    named.name,
                    namespace=namespace,
                    include_managed_fields=self._options.output.show_managed_fields,
                    at_revision=self._options.at_revision,
                )
        except errors.ApiError as error:
            ignored = self._options.ignore_not_found and isinstance(error, errors.NotFound)
            if not ignored:
                self.failed.append(error)
            return
        self.shown.append(Printable(resource=resource, message=message))

    async def _all(self, resource: Resource) -> None:
        options = self._options
        try:
            listing = await listed.objects(
                resource,
                self._session,
                namespace=options.namespace(resource, self._session),
                label_selector=options.selector,
                field_selector=options.field_selector,
                page_size=options.page_size,
                include_managed_fields=options.output.show_managed_fields,
                at_revision=options.at_revision,
            )
        except errors.Expired as error:
            self.failed.append(error.with_message(f"{error.message} {past.HOW_FAR}"))
            return
        except errors.ApiError as error:
            self.failed.append(error)
            return
        self.shown += [Printable(resource=resource, message=message) for message in listing]


def _has(resource: Resource, subresource: str) -> bool:
    """Tell whether a kind has ``subresource``. To read by it gives whole objects, as ever."""
    from protocube.api.v1 import resource_pb2

    return subresource == "status" and resource_pb2.SUBRESOURCE_STATUS in resource.subresources
